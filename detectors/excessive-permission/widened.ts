/** Somebody widens a grant and uses it at once: giving oneself a right is how a taken-over administrator goes on. */
import { type Familiar, knows } from '../../src/detect/parts/familiar.ts';
import { shortName } from '../../src/detect/parts/name.ts';
import type { FindingDraft } from '../../src/model/finding.ts';
import type { Key } from '../../src/model/key.ts';
import type { Observation } from '../../src/model/observation.ts';
import { isAdmin, isInference, isWildcard, usedRights } from './rights.ts';

const MINUTE = 60 * 1_000;
const MAX_GRANTED = 16;
const MAX_NAME = 80;

export interface Widened {
  time: number;
  id: string;
  /** Who did it: user and key; "" where the log does not tell. */
  principal: string;
  credential: string;
  granted: string[];
}

/** A change that gave this key more than it had. Making a key is no widening: its maker tries it, as everybody does. */
export function widenedBy({ change, principal, credential, time, id }: Observation, key: Key): Widened | undefined {
  if (change?.granted === undefined || change.granted.length === 0) return undefined;
  const object = key.dimension === 'credential' ? 'key' : key.dimension === 'principal' ? 'user' : undefined;
  if (change.kind !== object || change.object !== key.id) return undefined;
  return {
    time,
    id,
    principal: shortName(principal ?? '', MAX_NAME),
    credential: shortName(credential ?? '', MAX_NAME),
    granted: change.granted.slice(0, MAX_GRANTED).map((right) => shortName(right, MAX_NAME)),
  };
}

/** @param used what the key had used before. */
export function selfGranted(
  observation: Observation,
  widened: Widened | null,
  used: Familiar,
  minutes: number,
): FindingDraft | undefined {
  if (widened === null || observation.id === widened.id) return undefined;
  const span = observation.time - widened.time;
  if (span < 0 || span > minutes * MINUTE) return undefined;
  const own = widened.credential !== '' && widened.credential === observation.credential;
  const same = widened.principal !== '' && widened.principal === shortName(observation.principal ?? '', MAX_NAME);
  const right = widened.granted.find((granted) => usesIt(granted, observation, used));
  if (!(own || same) || right === undefined) return undefined;
  const all = isWildcard(right) || isAdmin(right);
  return {
    about: `self-granted ${widened.id}`.slice(0, 100),
    title: 'A right is widened and used at once by the same hand',
    severity: all || own ? 'high' : 'medium',
    confidence: Math.min(0.9, 0.55 + (all ? 0.15 : 0) + (own ? 0.15 : 0)),
    eventIds: [widened.id],
    evidence: [
      {
        kind: 'widened-then-used',
        observed: `${right.slice(0, 60)} was granted by ${own ? 'the key itself' : widened.principal} and used ${Math.round(span / MINUTE)} min later`,
        usual: `${Object.keys(used.met).length} rights used before`,
        quiet_if: `somebody else had granted it, or more than ${minutes} minutes had passed`,
      },
    ],
  };
}

/** The call needs the new right: a model of that name, any model never used before, or administration. */
function usesIt(granted: string, observation: Observation, used: Familiar): boolean {
  if (isAdmin(granted)) return observation.operation === 'admin';
  if (!isInference(observation)) return false;
  const fresh = usedRights(observation).filter((right) => !knows(used, right));
  if (isWildcard(granted)) return fresh.length > 0;
  return fresh.some(
    (right) => right.startsWith(`model ${granted.toLowerCase()}`) || right === `tool ${granted.toLowerCase()}`,
  );
}
