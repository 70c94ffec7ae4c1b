/**
 * Message memory: a log repeats the whole conversation on every call, so what was found in a text is remembered by the text itself.
 * Exact comparison, so no collision can pass one message off as another; bounded in bytes, least recently used first out.
 */
import { TextArtefacts } from './artefacts/artefacts.ts';
import { type Atom, findAtoms, isTraced } from './atoms.ts';
import type { Fingerprinter } from './fingerprint.ts';
import { delegates, type Intent } from './intents.ts';
import { readWords, type Said } from './lexicon.ts';
import type { Order } from './order.ts';
import { findOrders } from './orders.ts';
import { programsIn } from './programs.ts';
import { keysIn } from './secrets.ts';
import { findSignals, type TextSignal } from './signals.ts';
import { takesOver } from './takeover.ts';
import { fold, stems } from './words.ts';

/** Texts longer than this are read as head and tail, so that no record holds the loop. */
const MAX_TEXT = 256 * 1024;
const DEFAULT_BYTES = 64 * 1024 * 1024;
/** Rough cost of an entry beside its text. */
const ENTRY_BYTES = 512;
/** A word with its place in a set. */
const WORD_BYTES = 72;
const LETTERS_A_WORD = 8;
const ATOM_BYTES = 160;
const FINGERPRINT_BYTES = 40;
/** A text and its folded form, each of up to two bytes a character. */
const TEXT_FACTOR = 4;

/** What one text says, whoever says it. Each part is worked out when first asked for. */
export class ScannedText {
  readonly text: string;
  #folded: string | undefined;
  #said: Said | undefined;
  #orders: Order[] | undefined;
  #takesOver: boolean | undefined;
  #signals: TextSignal[] | undefined;
  #artefacts: TextArtefacts | undefined;
  #atoms: Atom[] | undefined;
  #atomWords: string[] | undefined;
  #programs: string[] | undefined;
  #delegates: boolean | undefined;
  #keys: string[] | undefined;
  #shingles: string[] | undefined;
  #fingerprint: string | undefined;
  readonly #given: string;
  readonly #grew: (bytes: number) => void;

  /** @param grew told of the rough cost of each part that is worked out, in bytes. */
  constructor(text: string, grew: (bytes: number) => void = () => undefined) {
    this.#grew = grew;
    this.#given = text;
    this.text = text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT / 2)}\n${text.slice(-MAX_TEXT / 2)}`;
  }

  get folded(): string {
    this.#folded ??= fold(this.text);
    return this.#folded;
  }

  /** Stems of the words that carry intent, and the acts that they speak of. */
  get said(): Said {
    if (this.#said === undefined) {
      this.#said = readWords(this.text);
      this.#grew(this.#said.stems.size * WORD_BYTES);
    }
    return this.#said;
  }

  get stems(): Set<string> {
    return this.said.stems;
  }

  get intents(): Set<Intent> {
    return this.said.intents;
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

  /** For the arguments of a call: what can have been copied from elsewhere. */
  get atoms(): Atom[] {
    if (this.#atoms === undefined) {
      this.#atoms = findAtoms(this.#given);
      this.#grew(this.#atoms.reduce((sum, { text }) => sum + ATOM_BYTES + 4 * text.length, 0));
    }
    return this.#atoms;
  }

  /** Stems of the atoms that can be traced, each once. */
  get atomWords(): string[] {
    this.#atomWords ??= [...new Set(this.atoms.filter(isTraced).flatMap((atom) => stems(atom.text)))];
    return this.#atomWords;
  }

  /** For the arguments of a call: the programs that it starts. */
  get programs(): string[] {
    this.#programs ??= programsIn(this.#given);
    return this.#programs;
  }

  /** True when it points at a document to act on. */
  get delegates(): boolean {
    this.#delegates ??= delegates(this.folded);
    return this.#delegates;
  }

  /** Keys of gateways and providers in the whole text, as hashes. */
  get keys(): string[] {
    this.#keys ??= keysIn(this.#given);
    return this.#keys;
  }

  /** Of the whole text, always with the same key. */
  fingerprint(fingerprints: Fingerprinter): string {
    this.#fingerprint ??= fingerprints.of(this.#given);
    return this.#fingerprint;
  }

  /** Of the whole text, always with the same key. */
  shingles(fingerprints: Fingerprinter): string[] {
    if (this.#shingles === undefined) {
      this.#shingles = fingerprints.shingles(this.#given);
      this.#grew(this.#shingles.length * FINGERPRINT_BYTES);
    }
    return this.#shingles;
  }
}

interface Entry {
  scanned: ScannedText;
  bytes: number;
  /** Bytes that had been put in when it was last moved to the end. */
  moved: number;
}

export class MessageMemory {
  readonly #entries = new Map<string, Entry>();
  readonly #limit: number;
  #bytes = 0;
  #put = 0;

  /** @param limit bytes that remembered texts may take. */
  constructor(limit = DEFAULT_BYTES) {
    this.#limit = limit;
  }

  get(text: string): ScannedText {
    const known = this.#entries.get(text);
    if (known) {
      // What was moved to the end a short while ago is in no danger yet.
      if (this.#put - known.moved > this.#limit / 4) {
        this.#entries.delete(text);
        this.#entries.set(text, known);
        known.moved = this.#put;
      }
      return known.scanned;
    }
    const scanned = new ScannedText(text, (bytes) => this.#grow(text, scanned, bytes));
    this.#entries.set(text, { scanned, bytes: 0, moved: this.#put });
    this.#grow(text, scanned, text.length * TEXT_FACTOR + ENTRY_BYTES);
    return scanned;
  }

  /** A text that has been forgotten may still be at work: it is not counted again. */
  #grow(text: string, scanned: ScannedText, bytes: number): void {
    const entry = this.#entries.get(text);
    if (entry?.scanned !== scanned) return;
    entry.bytes += bytes;
    this.#bytes += bytes;
    this.#put += bytes;
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

/** With the words that it is compared by, should a call be traced. */
function costOf({ size }: Order): number {
  return ENTRY_BYTES + 2 * size + (size / LETTERS_A_WORD) * WORD_BYTES;
}
