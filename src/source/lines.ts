/** Cuts a stream of bytes into lines with bounded memory, whatever the length of a line. */

/** One line without its end, counted from 0 over all lines, empty ones included. */
export interface Line {
  number: number;
  /** At most `maxBytes + 1` bytes: a longer line is cut there, which shows that it was too long. */
  bytes: Uint8Array;
}

const LF = 10;
const CR = 13;
const BOM = [0xef, 0xbb, 0xbf];

/** Turns chunks into lines. Empty lines are left out but counted; a byte order mark in front is dropped. */
export class LineCutter {
  #number = 0;
  #parts: Uint8Array[] = [];
  #held = 0;
  #started = false;
  readonly #maxBytes: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Number of the line that comes next. */
  get next(): number {
    return this.#number;
  }

  /** The lines that end in this chunk. The bytes are views of it where possible. */
  *push(chunk: Uint8Array): Generator<Line> {
    let at = 0;
    for (let end = chunk.indexOf(LF, at); end >= 0; end = chunk.indexOf(LF, at)) {
      this.#hold(chunk.subarray(at, end));
      const line = this.#take();
      if (line) yield line;
      at = end + 1;
    }
    this.#hold(chunk.subarray(at));
  }

  /** The last line, when it has no line end. */
  *end(): Generator<Line> {
    if (this.#held === 0) return;
    const line = this.#take();
    if (line) yield line;
  }

  #hold(part: Uint8Array): void {
    // One more than the limit, and one for a carriage return that may follow.
    const room = this.#maxBytes + 2 - this.#held;
    if (part.length === 0 || room <= 0) return;
    const kept = part.length > room ? part.subarray(0, room) : part;
    this.#parts.push(kept);
    this.#held += kept.length;
  }

  #take(): Line | undefined {
    const [only] = this.#parts;
    let bytes = this.#parts.length === 1 && only ? only : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#held = 0;
    const number = this.#number++;
    if (!this.#started) {
      this.#started = true;
      if (BOM.every((byte, i) => bytes[i] === byte)) bytes = bytes.subarray(3);
    }
    if (bytes.at(-1) === CR) bytes = bytes.subarray(0, -1);
    if (bytes.length > this.#maxBytes) bytes = bytes.subarray(0, this.#maxBytes + 1);
    return isBlank(bytes) ? undefined : { number, bytes };
  }
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 32 || byte === 9);
}
