/** The characters of a text as an array of numbers: reading one costs a third of reading a string. */

/** Room for one text at a time, which grows with the longest. Keep one for each use: a text is there until the next is put in. */
export class Units {
  #units = new Uint16Array(4096);
  #bytes = Buffer.from(this.#units.buffer);

  /** The UTF-16 units of a text, and more behind them: read no further than its length. */
  of(text: string): Uint16Array {
    if (text.length > this.#units.length) {
      this.#units = new Uint16Array(2 ** Math.ceil(Math.log2(text.length)));
      this.#bytes = Buffer.from(this.#units.buffer);
    }
    this.#bytes.write(text, 0, 2 * text.length, 'utf16le');
    return this.#units;
  }
}
