/** Keys that everybody knows: from quick-start guides and sample configurations, and what clients send when they have none. */
import keys from './default-keys.json' with { type: 'json' };

/** `guessable` a key that a server really compares with · `placeholder` a word that a client sends to a server that checks nothing. */
export type DefaultKey = 'guessable' | 'placeholder';

/** The file has each key with the SHA-256 by which logs know it. */
const KNOWN = new Map<string, DefaultKey>([
  ...Object.values(keys.placeholder).map((hash): [string, DefaultKey] => [`sha256:${hash}`, 'placeholder']),
  ...Object.values(keys.guessable).map((hash): [string, DefaultKey] => [`sha256:${hash}`, 'guessable']),
]);

/** @param credential in the form of an observation: `sha256:` and hex. */
export function defaultKey(credential: string | undefined): DefaultKey | undefined {
  return credential === undefined ? undefined : KNOWN.get(credential);
}
