/** Who depends on what: principals and agents per key, model and tool, with the days on which they used it. Bounded. */
import { shortName } from '../../src/detect/parts/name.ts';
import type { Observation } from '../../src/model/observation.ts';

/** Per object the dependants, each with its last use and the number of days. Plain JSON. */
export type Dependants = Record<string, Record<string, [last: number, days: number]>>;

const MAX_OBJECTS = 160;
const MAX_EACH = 40;
const DAY = 24 * 60 * 60 * 1_000;
/** A dependant is one who used it on two days, the last of them within a week. */
const DAYS = 2;
const FRESH = 7 * DAY;

/** The object in the form in which it is kept: `key:sha256:…`, `model:…`, `tool:…`. */
export function objectOf(kind: string, id: string): string {
  return `${kind}:${shortName(id, 80)}`;
}

/** What a record makes use of. */
export function objectsOf({ credential, model, calls, operation }: Observation): string[] {
  const tools = operation === 'tool' ? calls.slice(0, 4).map(({ tool }) => objectOf('tool', tool)) : [];
  return [
    ...(credential === undefined ? [] : [objectOf('key', credential)]),
    ...(model === undefined ? [] : [objectOf('model', model)]),
    ...tools,
  ];
}

/** Who made it: `principal ada`, `agent reporter`. */
export function callersOf({ principal, agent }: Observation): string[] {
  return [
    ...(principal === undefined ? [] : [`principal ${shortName(principal, 48)}`]),
    ...(agent === undefined ? [] : [`agent ${shortName(agent, 48)}`]),
  ];
}

export function use(dependants: Dependants, object: string, caller: string, time: number): void {
  if (!Object.hasOwn(dependants, object)) {
    if (Object.keys(dependants).length >= MAX_OBJECTS) evictObjects(dependants);
    dependants[object] = {};
  }
  const of = dependants[object] as Dependants[string];
  const known = Object.hasOwn(of, caller) ? of[caller] : undefined;
  if (known !== undefined) {
    if (Math.floor(known[0] / DAY) !== Math.floor(time / DAY)) known[1]++;
    known[0] = time;
    return;
  }
  of[caller] = [time, 1];
  if (Object.keys(of).length <= MAX_EACH) return;
  const oldest = Object.entries(of).reduce((a, b) => (b[1][0] < a[1][0] ? b : a));
  delete of[oldest[0]];
}

/** True for one who depended on the object at this time. */
export function depends(dependants: Dependants, object: string, caller: string, time: number): boolean {
  const of = Object.hasOwn(dependants, object) ? dependants[object] : undefined;
  const known = of !== undefined && Object.hasOwn(of, caller) ? of[caller] : undefined;
  return known !== undefined && known[1] >= DAYS && time - known[0] <= FRESH;
}

/** A tenth goes: first what few depend on, of that what was used longest ago. */
function evictObjects(dependants: Dependants): void {
  const rank = Object.entries(dependants).map(([object, of]) => {
    const uses = Object.values(of);
    return { object, few: uses.length < 6, last: Math.max(0, ...uses.map(([last]) => last)) };
  });
  rank.sort((a, b) => Number(b.few) - Number(a.few) || a.last - b.last);
  for (const { object } of rank.slice(0, MAX_OBJECTS / 10)) delete dependants[object];
}
