/** One order: where it stands, how plain it is, and what its words are. */
import type { Intent } from './intents.ts';
import { readWords, type Said } from './lexicon.ts';
import { fold } from './words.ts';

const ABOUT_USER = /\bthe user\b|\bmy \w|\bwithout asking\b/i;

/** A sentence that gives an order. What its words are is worked out when first asked for: most orders are never compared with a call. */
export class Order {
  readonly start: number;
  readonly end: number;
  /** 0 to 1: how plainly this is an order to whoever reads it. */
  readonly strength: number;
  readonly #sentence: string;
  readonly #details: string;
  #own: Said | undefined;
  #reach: Set<string> | undefined;
  #folded: string | undefined;

  /**
   * @param sentence the sentence
   * @param details the sentence with what follows it in the same field
   */
  constructor(start: number, strength: number, sentence: string, details: string) {
    this.start = start;
    this.end = start + sentence.length;
    this.strength = strength;
    this.#sentence = sentence;
    this.#details = details;
  }

  /** Words of the sentence. */
  get stems(): Set<string> {
    this.#own ??= readWords(this.#sentence);
    return this.#own.stems;
  }

  /** Kinds of act that the sentence speaks of. */
  get intents(): Set<Intent> {
    this.#own ??= readWords(this.#sentence);
    return this.#own.intents;
  }

  /** Words of the sentence with the details that follow it. */
  get reach(): Set<string> {
    this.#reach ??= readWords(this.#details).stems;
    return this.#reach;
  }

  /** The sentence with the details, folded: where copied atoms are looked for. */
  get folded(): string {
    this.#folded ??= fold(this.#details);
    return this.#folded;
  }

  /** Speaks of the user as a third person, or of "my" things. */
  get aboutUser(): boolean {
    return ABOUT_USER.test(this.#sentence);
  }

  /** Characters that it keeps: the size of its words is a multiple of it. */
  get size(): number {
    return this.#sentence.length + this.#details.length;
  }
}
