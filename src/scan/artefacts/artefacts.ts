/** All artefacts of one text, whoever says it, with the way they were written. */
import { createHash } from 'node:crypto';
import { type Normalised, normalise } from '../normalise.ts';
import type { Artefact } from './artefact.ts';
import { findSecrets } from './find-secrets.ts';
import { findLinks } from './links.ts';
import { findPersonal } from './personal.ts';

export interface FoundArtefact extends Artefact {
  /** Decoding steps that led to it, outermost first; offsets are those of the original text. */
  decoded: string[];
}

const MAX_SECRETS = 32;
const MAX_PERSONAL = 128;
const MAX_LINKS = 32;
/** Ways of writing in which letters are guessed: a key does not survive them. */
const GUESSES = new Set(['leet', 'atbash', 'spaced', 'morse']);

/** What was found in a text; each part is worked out when first asked for. */
export class TextArtefacts {
  readonly #text: string;
  #normalised: Normalised | undefined;
  #secrets: FoundArtefact[] | undefined;
  #personal: FoundArtefact[] | undefined;
  #links: FoundArtefact[] | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  get normalised(): Normalised {
    this.#normalised ??= normalise(this.#text);
    return this.#normalised;
  }

  get secrets(): FoundArtefact[] {
    this.#secrets ??= inViews(this.normalised, findSecrets, MAX_SECRETS);
    return this.#secrets;
  }

  get personal(): FoundArtefact[] {
    this.#personal ??= inViews(this.normalised, findPersonal, MAX_PERSONAL);
    return this.#personal;
  }

  get links(): FoundArtefact[] {
    this.#links ??= inViews(this.normalised, findLinks, MAX_LINKS);
    return this.#links;
  }
}

/** In the plain form first; a value that was found there is not found again where it is decoded. */
function inViews(
  { views }: Normalised,
  find: (text: string, limit: number) => Artefact[],
  limit: number,
): FoundArtefact[] {
  const found: FoundArtefact[] = [];
  const values = new Set<string>();
  for (const { text, path, origin } of views) {
    if (path.some((step) => GUESSES.has(step))) continue;
    for (const artefact of find(text, limit - found.length)) {
      if (values.has(artefact.value)) continue;
      values.add(artefact.value);
      const [start, end] = origin(artefact.start, artefact.end);
      found.push({ ...artefact, start, end, decoded: path });
    }
    if (found.length >= limit) break;
  }
  return found;
}

/** Types that people choose or that hold more than a key: nobody logs their plain hash, and a guess could be tested against it. */
const NO_KEYS = new Set(['password', 'connection-string', 'password-hash', 'private-key']);

/** The form under which logs know a key, for secrets that are keys; undefined for others. */
export function credentialOf({ type, value }: Artefact): string | undefined {
  if (NO_KEYS.has(type) || value.length < 20) return undefined;
  return `sha256:${createHash('sha256').update(value).digest('hex')}`;
}
