/** What scan finds in a text that has a form of its own, whoever says it. */

export interface Artefact {
  kind: 'secret' | 'personal' | 'link' | 'canary';
  /** `github-token`, `password`, `private-key`; `card`, `iban`, `phone`; `image-link`, `raw-address`; a canary's place. */
  type: string;
  /** 0 to 1: how sure it is what it looks like, and in use. */
  confidence: number;
  start: number;
  end: number;
  /** The secret or the datum itself, for fingerprints; leaves scan in no other form. */
  value: string;
}
