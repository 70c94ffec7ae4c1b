/** The id under which a secret that was seen somewhere is a key of its own. */
import type { ObservedArtefact } from '../../model/observation.ts';

/** As `credential` has it where the secret is a key, else its fingerprint behind `secret:`. Undefined for other artefacts. */
export function secretId({ kind, credential, fingerprint }: ObservedArtefact): string | undefined {
  return kind === 'secret' ? (credential ?? `secret:${fingerprint}`) : undefined;
}
