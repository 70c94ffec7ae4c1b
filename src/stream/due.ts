/** Things that wait for the watermark, in order of event time. They come nearly in order: mostly the place of a new one is the end. */

interface Waiting<T> {
  readonly time: number;
  readonly what: T;
}

export class Due<T> {
  #waiting: Waiting<T>[] = [];
  /** Place of the first that still waits. */
  #first = 0;

  add(time: number, what: T): void {
    const waiting = this.#waiting;
    const last = waiting.at(-1);
    if (last === undefined || last.time <= time || this.#first === waiting.length) {
      waiting.push({ time, what });
      return;
    }
    let low = this.#first;
    let high = waiting.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((waiting[middle] as Waiting<T>).time <= time) low = middle + 1;
      else high = middle;
    }
    waiting.splice(low, 0, { time, what });
  }

  /** The next one from before the watermark, which waits no longer. */
  take(watermark: number): T | undefined {
    const next = this.#waiting[this.#first];
    if (next === undefined || next.time >= watermark) return undefined;
    this.#first++;
    // Cutting off what is done moves all that follows: worth it only when much is done.
    if (this.#first > 1_024 && this.#first * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#first);
      this.#first = 0;
    }
    return next.what;
  }
}
