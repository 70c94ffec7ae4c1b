/**
 * Message memory: a log repeats the whole conversation on every call, so what was found in a text is remembered by the text itself.
 * Exact comparison, so no collision can pass one message off as another; bounded in bytes, least recently used first out.
 */
import { type Intent, intents } from './intents.ts';
import { findOrders, type Order, takesOver } from './orders.ts';
import { findSignals, type TextSignal } from './signals.ts';
import { fold, stems } from './words.ts';

/** Texts longer than this are read as head and tail, so that no record holds the loop. */
const MAX_TEXT = 256 * 1024;
const DEFAULT_BYTES = 64 * 1024 * 1024;
/** Rough cost of an entry beside its text. */
const ENTRY_BYTES = 512;

/** What one text says, whoever says it. Each part is worked out when first asked for. */
export class ScannedText {
  readonly text: string;
  #folded: string | undefined;
  #stems: Set<string> | undefined;
  #intents: Set<Intent> | undefined;
  #orders: Order[] | undefined;
  #takesOver: boolean | undefined;
  #signals: TextSignal[] | undefined;

  constructor(text: string) {
    this.text = text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT / 2)}\n${text.slice(-MAX_TEXT / 2)}`;
  }

  get folded(): string {
    this.#folded ??= fold(this.text);
    return this.#folded;
  }

  get stems(): Set<string> {
    this.#stems ??= new Set(stems(this.text));
    return this.#stems;
  }

  get intents(): Set<Intent> {
    this.#intents ??= intents(this.stems);
    return this.#intents;
  }

  get orders(): Order[] {
    this.#orders ??= findOrders(this.text);
    return this.#orders;
  }

  get takesOver(): boolean {
    this.#takesOver ??= takesOver(this.text);
    return this.#takesOver;
  }

  get signals(): TextSignal[] {
    this.#signals ??= findSignals(this.text);
    return this.#signals;
  }
}

export class MessageMemory {
  readonly #entries = new Map<string, ScannedText>();
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
      return known;
    }
    const scanned = new ScannedText(text);
    this.#entries.set(text, scanned);
    this.#bytes += cost(text);
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#limit) break;
      this.#entries.delete(oldest);
      this.#bytes -= cost(oldest);
    }
    return scanned;
  }

  get bytes(): number {
    return this.#bytes;
  }
}

function cost(text: string): number {
  // The text, its folded form, and about as much again for words.
  return text.length * 4 + ENTRY_BYTES;
}
