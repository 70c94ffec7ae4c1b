/** Which records have been evaluated: producers and crashes repeat them. Two generations, so that memory is bounded and recent ones stay. */

const GENERATION = 50_000;

export class Seen {
  #young = new Set<string>();
  #old = new Set<string>();

  /** True when the id is new, as far as the last 50,000 to 100,000 ids tell. */
  add(id: string): boolean {
    if (this.#young.has(id) || this.#old.has(id)) return false;
    this.#young.add(id);
    if (this.#young.size >= GENERATION) {
      this.#old = this.#young;
      this.#young = new Set();
    }
    return true;
  }

  snapshot(): [string[], string[]] {
    return [[...this.#young], [...this.#old]];
  }

  restore([young, old]: [string[], string[]]): void {
    this.#young = new Set(young);
    this.#old = new Set(old);
  }
}
