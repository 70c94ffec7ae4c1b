/**
 * Origins: the networks and programs that a key is used from. Those of its first active day belong to it; another is a stranger until it
 * has been there on three days, or on two if it came while the key itself was new. So one day of someone else's use makes nobody at home.
 */
import type { Observation } from '../../model/observation.ts';
import { type Familiar, meet, newFamiliar } from './familiar.ts';

/** Plain JSON. */
export interface Origins {
  networks: Familiar;
  clients: Familiar;
  /** Active days so far, and the number of the last one. */
  days: number;
  day: number;
  /** Number of the first active day. */
  firstDay: number;
  /** Event time at which the first days were over; null while they last. */
  settled: number | null;
}

/** False where the log does not tell. */
export interface Strange {
  /** Not while the first days last. */
  network: boolean;
  client: boolean;
  /** While they last: network and program both came after the first active day. A weak sign; many a newcomer does that. */
  early: boolean;
}

const DAY = 24 * 60 * 60 * 1_000;
const FIRST_DAYS = 3;
const DAYS_TO_BELONG = 3;
const EARLY_DAYS_TO_BELONG = 2;
const MAX_ORIGINS = 48;
const MAX_NAME = 80;

export function newOrigins(): Origins {
  return { networks: newFamiliar(), clients: newFamiliar(), days: 0, day: -1, firstDay: -1, settled: null };
}

/** Whether network and program are strangers to this key; then remembers them. */
export function arrive(origins: Origins, observation: Pick<Observation, 'time' | 'network' | 'client'>): Strange {
  const { time, network, client } = observation;
  const day = Math.floor(time / DAY);
  if (day > origins.day) {
    if (origins.days >= FIRST_DAYS && origins.settled === null) origins.settled = time;
    if (origins.days === 0) origins.firstDay = day;
    origins.days++;
    origins.day = day;
  }
  const from = network === undefined ? null : comes(origins.networks, network, time);
  const by = client === undefined ? null : comes(origins.clients, client, time);
  const later = (arrival: Arrival | null): boolean =>
    arrival !== null && Math.floor(arrival.first / DAY) > origins.firstDay;
  return {
    network: isStranger(from, origins),
    client: isStranger(by, origins),
    early: origins.settled === null && later(from) && later(by),
  };
}

interface Arrival {
  first: number;
  days: number;
}

function comes(familiar: Familiar, full: string, time: number): Arrival {
  const name = full.slice(0, MAX_NAME);
  meet(familiar, name, time, MAX_ORIGINS);
  const [first, , days] = familiar.met[name] ?? [time, time, 1];
  return { first, days };
}

function isStranger(arrival: Arrival | null, { settled, firstDay }: Origins): boolean {
  if (arrival === null || settled === null || Math.floor(arrival.first / DAY) === firstDay) return false;
  // Today does not count yet.
  return arrival.days <= (arrival.first < settled ? EARLY_DAYS_TO_BELONG : DAYS_TO_BELONG);
}
