/** Which network an address belongs to: the narrowest range of the inventory that holds it. */
import type { NetworkKind } from '../model/event.ts';
import { cut, parseAddress, type Range } from './address.ts';

export interface Network {
  name: string;
  kind: NetworkKind | undefined;
}

/** Ranges of one prefix length, by their first address. */
interface Level {
  prefix: number;
  ranges: Map<bigint, Network>;
}

/** Addresses come from the log: what is remembered of them is bounded. */
const MAX_REMEMBERED = 10_000;

/** One look-up per prefix length in use, longest first; one for an address seen before. */
export class NetworkTable {
  readonly #remembered = new Map<string, Network | undefined>();
  readonly #levels: Record<Range['width'], Level[]> = { 32: [], 128: [] };

  constructor(entries: readonly { range: Range; network: Network }[]) {
    for (const { range, network } of entries) {
      const levels = this.#levels[range.width];
      let level = levels.find(({ prefix }) => prefix === range.prefix);
      if (level === undefined) {
        level = { prefix: range.prefix, ranges: new Map() };
        levels.push(level);
      }
      level.ranges.set(range.bits, network);
    }
    for (const levels of Object.values(this.#levels)) levels.sort((a, b) => b.prefix - a.prefix);
  }

  /** @param text an address as logged; what is none belongs to no network. */
  find(text: string): Network | undefined {
    if (this.#remembered.has(text)) return this.#remembered.get(text);
    const network = this.#search(text);
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(text, network);
    return network;
  }

  #search(text: string): Network | undefined {
    const address = parseAddress(text);
    if (address === undefined) return undefined;
    for (const { prefix, ranges } of this.#levels[address.width]) {
      const network = ranges.get(cut(address, prefix));
      if (network !== undefined) return network;
    }
    return undefined;
  }
}
