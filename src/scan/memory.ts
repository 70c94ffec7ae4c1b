/**
 * Message memory: a log repeats the whole conversation on every call, so what was found in a text is remembered by the text itself.
 * Exact comparison, so no collision can pass one message off as another; bounded in bytes, least recently used first out.
 */
import { TextArtefacts } from './artefacts/artefacts.ts';
import { type Intent, intents } from './intents.ts';
import { findOrders, type Order, takesOver } from './orders.ts';
import { findSignals, type TextSignal } from './signals.ts';
import { fold, stems } from './words.ts';

/** Texts longer than this are read as head and tail, so that no record holds the loop. */
const MAX_TEXT = 256 * 1024;
const DEFAULT_BYTES = 64 * 1024 * 1024;
/** Rough cost of an entry beside its text. */
const ENTRY_BYTES = 512;
/** A word with its place in a set. */
const WORD_BYTES = 72;
/** A text and its folded form, each of up to two bytes a character. */
const TEXT_FACTOR = 4;

/** What one text says, whoever says it. Each part is worked out when first asked for. */
export class ScannedText {
  readonly text: string;
  #folded: string | undefined;
  #stems: Set<string> | undefined;
  #intents: Set<Intent> | undefined;
  #orders: Order[] | undefined;
  #takesOver: boolean | undefined;
  #signals: TextSignal[] | undefined;
  #artefacts: TextArtefacts | undefined;
  readonly #grew: (bytes: number) => void;

  /** @param grew told of the rough cost of each part that is worked out, in bytes. */
  constructor(text: string, grew: (bytes: number) => void = () => undefined) {
    this.#grew = grew;
    this.text = text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT / 2)}\n${text.slice(-MAX_TEXT / 2)}`;
  }

  get folded(): string {
    this.#folded ??= fold(this.text);
    return this.#folded;
  }

  get stems(): Set<string> {
    if (this.#stems === undefined) {
      this.#stems = new Set(stems(this.text));
      this.#grew(this.#stems.size * WORD_BYTES);
    }
    return this.#stems;
  }

  get intents(): Set<Intent> {
    this.#intents ??= intents(this.stems);
    return this.#intents;
  }

  get orders(): Order[] {
    if (this.#orders === undefined) {
      this.#orders = findOrders(this.text);
      this.#grew(this.#orders.reduce((sum, order) => sum + costOf(order), 0));
    }
    return this.#orders;
  }

  get takesOver(): boolean {
    this.#takesOver ??= takesOver(this.text);
    return this.#takesOver;
  }

  get artefacts(): TextArtefacts {
    this.#artefacts ??= new TextArtefacts(this.text);
    return this.#artefacts;
  }

  get signals(): TextSignal[] {
    this.#signals ??= findSignals(this.text);
    return this.#signals;
  }
}

export class MessageMemory {
  readonly #entries = new Map<string, { scanned: ScannedText; bytes: number }>();
  readonly #limit: number;
  #bytes = 0;

  /** @param limit bytes that remembered texts may take. */
  constructor(limit = DEFAULT_BYTES) {
    this.#limit = limit;
  }

  get(text: string): ScannedText {
    const known = this.#entries.get(text);
    if (known) {
      this.#entries.delete(text);
      this.#entries.set(text, known);
      return known.scanned;
    }
    const scanned = new ScannedText(text, (bytes) => this.#grow(text, scanned, bytes));
    this.#entries.set(text, { scanned, bytes: 0 });
    this.#grow(text, scanned, text.length * TEXT_FACTOR + ENTRY_BYTES);
    return scanned;
  }

  /** A text that has been forgotten may still be at work: it is not counted again. */
  #grow(text: string, scanned: ScannedText, bytes: number): void {
    const entry = this.#entries.get(text);
    if (entry?.scanned !== scanned) return;
    entry.bytes += bytes;
    this.#bytes += bytes;
    for (const [oldest, { bytes: freed }] of this.#entries) {
      if (this.#bytes <= this.#limit) break;
      this.#entries.delete(oldest);
      this.#bytes -= freed;
    }
  }

  get bytes(): number {
    return this.#bytes;
  }
}

function costOf({ stems: own, reach, folded }: Order): number {
  return ENTRY_BYTES + 2 * folded.length + (own.size + reach.size) * WORD_BYTES;
}
