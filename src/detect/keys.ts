/** Which keys an observation belongs to, per dimension. A credential's history holds its uses, the places it was seen in, and its changes. */
import type { Dimension, Key } from '../model/key.ts';
import type { Observation } from '../model/observation.ts';
import { secretId } from './parts/secret-id.ts';

/** Keys of one record in one dimension: at most this many tools or resources. */
const MAX_KEYS = 64;

export function keysOf(observation: Observation, dimension: Dimension): Key[] {
  const { tenant } = observation;
  switch (dimension) {
    case 'tenant':
      return [{ tenant, dimension, id: tenant }];
    case 'credential':
      return distinct(credentialsOf(observation)).map((id) => ({ tenant, dimension, id }));
    case 'tool':
      return distinct(observation.calls.map((call) => call.tool)).map((id) => ({ tenant, dimension, id }));
    case 'resource':
      return distinct(observation.calls.flatMap((call) => call.resources)).map((id) => ({ tenant, dimension, id }));
    default: {
      const id = observation[dimension];
      return id === undefined || id === '' ? [] : [{ tenant, dimension, id }];
    }
  }
}

function credentialsOf({ credential, change, seenCredentials, artefacts }: Observation): string[] {
  const changed = change?.kind === 'key' ? change.object : undefined;
  return [credential, changed, ...seenCredentials, ...(artefacts ?? []).map(secretId)].filter(
    (id) => id !== undefined && id !== '',
  ) as string[];
}

function distinct(values: string[]): string[] {
  return [...new Set(values)].slice(0, MAX_KEYS);
}
