/**
 * Which records have been evaluated: producers and crashes repeat them. Two generations, so that memory is bounded and recent ones stay.
 * What is kept of an id are eight bytes of its SHA-256: two of a hundred thousand are taken for one with a chance of one in 10⁹ or so, and
 * nobody can choose an id that another is taken for.
 */
import { hash } from 'node:crypto';

const GENERATION = 50_000;
const BYTES = 8;

export class Seen {
  #young = new Set<string>();
  #old = new Set<string>();
  /** The older generation as a snapshot has it: it does not change. */
  #oldText = '';

  /** True when the id is new, as far as the last 50,000 to 100,000 ids tell. */
  add(id: string): boolean {
    const kept = hash('sha256', id, 'binary').slice(0, BYTES);
    if (this.#young.has(kept) || this.#old.has(kept)) return false;
    this.#young.add(kept);
    if (this.#young.size >= GENERATION) {
      this.#old = this.#young;
      this.#oldText = write(this.#old);
      this.#young = new Set();
    }
    return true;
  }

  /** Base64 of the ids' bytes, the younger generation first. */
  snapshot(): [young: string, old: string] {
    return [write(this.#young), this.#oldText];
  }

  restore([young, old]: [young: string, old: string]): void {
    this.#young = read(young);
    this.#old = read(old);
    this.#oldText = old;
  }
}

function write(ids: Set<string>): string {
  return Buffer.from([...ids].join(''), 'latin1').toString('base64');
}

function read(text: string): Set<string> {
  const bytes = Buffer.from(text, 'base64').toString('latin1');
  const ids = new Set<string>();
  for (let at = 0; at < bytes.length; at += BYTES) ids.add(bytes.slice(at, at + BYTES));
  return ids;
}
