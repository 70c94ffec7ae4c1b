/** Familiar: which names a key has met, since when and on how many days. Bounded; the one not met for longest is forgotten first. */

/** Name → [first seen, last seen, distinct days]; times in epoch milliseconds. Plain JSON. */
export interface Familiar {
  met: Record<string, [number, number, number]>;
  /** Names forgotten for want of room: a name that is not met may then be an old one. */
  forgotten: number;
}

const DAY = 24 * 60 * 60 * 1_000;

export function newFamiliar(): Familiar {
  return { met: {}, forgotten: 0 };
}

/** True when the name has been met before this time. */
export function knows(familiar: Familiar, name: string): boolean {
  return Object.hasOwn(familiar.met, name);
}

/**
 * Meets a name; returns true when it is new.
 * @param limit names kept at most.
 */
export function meet(familiar: Familiar, name: string, time: number, limit: number): boolean {
  const known = Object.hasOwn(familiar.met, name) ? familiar.met[name] : undefined;
  if (known) {
    if (Math.floor(known[1] / DAY) !== Math.floor(time / DAY)) known[2]++;
    known[1] = time;
    return false;
  }
  // Assigned, this one name would be no name but what the object inherits from.
  if (name === '__proto__')
    Object.defineProperty(familiar.met, name, {
      value: [time, time, 1],
      enumerable: true,
      writable: true,
      configurable: true,
    });
  else familiar.met[name] = [time, time, 1];
  if (Object.keys(familiar.met).length > limit) forget(familiar);
  return true;
}

function forget(familiar: Familiar): void {
  let oldest: string | undefined;
  let seen = Number.POSITIVE_INFINITY;
  for (const name in familiar.met) {
    const last = (familiar.met[name] as [number, number, number])[1];
    if (last < seen) {
      seen = last;
      oldest = name;
    }
  }
  if (oldest !== undefined) delete familiar.met[oldest];
  familiar.forgotten++;
}
