/** A text made out of another one by keeping and replacing parts, that still knows where each part came from. */

/** Maps a span of the new text to the span of the old one that it came from. */
export type Origin = (start: number, end: number) => [start: number, end: number];

export const unchanged: Origin = (start, end) => [start, end];

/** First `inner`, which leads into the text in the middle, then `outer`, which leads into the original. */
export function through(inner: Origin, outer: Origin): Origin {
  if (inner === unchanged) return outer;
  if (outer === unchanged) return inner;
  return (start, end) => outer(...inner(start, end));
}

/** Everything came from one span: what was decoded there. */
export function from(start: number, end: number): Origin {
  return () => [start, end];
}

/** Collects parts from left to right; parts of the old text that are skipped are left out of the new one. */
export class Edit {
  readonly #old: string;
  readonly #parts: string[] = [];
  /** Start in the new text, start and end in the old one, for each part; a kept part has the same length in both. */
  readonly #starts: number[] = [];
  readonly #origins: number[] = [];
  readonly #ends: number[] = [];
  #length = 0;

  constructor(old: string) {
    this.#old = old;
  }

  keep(start: number, end: number): void {
    if (end > start) this.#add(this.#old.slice(start, end), start, end);
  }

  /** Puts a text in place of a part of the old one. */
  put(text: string, start: number, end: number): void {
    if (text !== '') this.#add(text, start, end);
  }

  #add(text: string, start: number, end: number): void {
    this.#parts.push(text);
    this.#starts.push(this.#length);
    this.#origins.push(start);
    this.#ends.push(end);
    this.#length += text.length;
  }

  get length(): number {
    return this.#length;
  }

  done(): { text: string; origin: Origin } {
    const text = this.#parts.join('');
    return {
      text,
      origin: (start, end) => {
        if (this.#starts.length === 0) return [0, this.#old.length];
        const first = this.#at(start);
        const last = this.#at(Math.max(start, end - 1));
        const begin = this.#isKept(first) ? this.#origin(first, start) : (this.#origins[first] as number);
        const stop = this.#isKept(last) ? this.#origin(last, end) : (this.#ends[last] as number);
        return [begin, Math.max(begin, Math.min(stop, this.#ends[last] as number))];
      },
    };
  }

  #origin(part: number, place: number): number {
    return (this.#origins[part] as number) + place - (this.#starts[part] as number);
  }

  #isKept(part: number): boolean {
    const width = (this.#ends[part] as number) - (this.#origins[part] as number);
    return width === (this.#parts[part] as string).length;
  }

  /** The part that holds a place of the new text. */
  #at(place: number): number {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] as number) <= place) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
