/** What is the key owner's own way of using it, and what is done with it from networks where the owner never was. */
import { type Baseline, learn, newBaseline, usual } from '../../src/detect/parts/baseline.ts';
import { type Familiar, knows, meet, newFamiliar } from '../../src/detect/parts/familiar.ts';
import type { Strange } from '../../src/detect/parts/origins.ts';
import { distinct, note, type Recent } from '../../src/detect/parts/recent.ts';
import type { Observation } from '../../src/model/observation.ts';

/** What is known of the owner, from networks that belong to the key. Plain JSON. */
export interface Habits {
  calls: number;
  /** Days with a call, and the number of the last one. */
  days: number;
  day: number;
  models: Familiar;
  /** Output tokens of an answer. */
  answer: Baseline;
  /** Hours of the day (UTC) with calls: number of days on which there were some, and the last of these. */
  hours: [days: number, last: number][];
}

/** What came from elsewhere, since the first of it; forgotten after three quiet days. Plain JSON. */
export interface Foreign {
  from: number;
  last: number;
  calls: number;
  answers: number;
  tokens: number;
  /** Kinds of probing call from one place within ten minutes, the most of them. */
  probes: number;
  newClient: boolean;
  /** Calls from networks that are strangers; the others are only a strange program, or came in the key's first days. */
  strong: number;
  /** Calls at hours of the day in which the owner is not active. */
  oddHours: number;
  newModels: Recent;
  prompts: Recent;
  /** Networks and programs; those of a reported use never come to belong to the key while it goes on. */
  places: Recent;
  ids: string[];
  /** Number of facts last reported, and when. */
  told: [number, number] | null;
}

const HOUR = 60 * 60 * 1_000;
const DAY = 24 * HOUR;
const QUIET = 3 * DAY;
const MAX_MODELS = 64;
const MAX_RECENT = 16;
const MAX_IDS = 20;
const MAX_NAME = 80;
/** Answers that tell how long the owner's are, and how much longer others' must be. */
const ENOUGH = 3;
const LONGER = 3;
const LONG = 800;
/** Days that tell at what hours the owner is active. */
const DAYS_FOR_HOURS = 5;

export function newHabits(): Habits {
  return {
    calls: 0,
    days: 0,
    day: -1,
    models: newFamiliar(),
    answer: newBaseline(),
    hours: Array.from({ length: 24 }, () => [0, -1]),
  };
}

/**
 * True when the call comes from a network or a program that is a stranger to the key. What was reported stays foreign, so that nobody comes
 * to belong by going on.
 */
export function isForeign(observation: Observation, strange: Strange, foreign: Foreign | null): boolean {
  if (strange.network || strange.client || strange.early) return true;
  const { time } = observation;
  if (foreign === null || foreign.told === null || time - foreign.last > QUIET) return false;
  return foreign.places.some(([, place]) => place === placeOf(observation));
}

function placeOf({ network = '', client = '' }: Observation): string {
  return `${network.slice(0, MAX_NAME / 2)} ${client}`.slice(0, MAX_NAME);
}

/** Learns from a call that is the owner's as far as can be told. */
export function belongsToKey(observation: Observation, habits: Habits): void {
  if (observation.status !== 'ok') return;
  const { time, model, outputTokens } = observation;
  const day = Math.floor(time / DAY);
  const hour = habits.hours[Math.floor(time / HOUR) % 24];
  habits.calls++;
  if (habits.day !== day) habits.days++;
  habits.day = day;
  if (model !== undefined) meet(habits.models, model.slice(0, MAX_NAME), time, MAX_MODELS);
  if (outputTokens !== undefined) learn(habits.answer, outputTokens);
  if (hour !== undefined && hour[1] !== day) {
    hour[0]++;
    hour[1] = day;
  }
}

/** Counts a call from elsewhere. */
export function noteForeign(
  observation: Observation,
  before: Foreign | null,
  strange: Strange,
  habits: Habits,
): Foreign {
  const { time, id, model, outputTokens, systemPrompt } = observation;
  const foreign = before !== null && time - before.last <= QUIET ? before : newForeign(time);
  foreign.last = time;
  foreign.calls++;
  foreign.newClient ||= strange.client || strange.early;
  if (strange.network) foreign.strong++;
  foreign.ids = [...foreign.ids, id].slice(-MAX_IDS);
  once(foreign.places, time, placeOf(observation), id);
  if (isOddHour(habits, time)) foreign.oddHours++;
  if (observation.status !== 'ok') return foreign;
  foreign.answers++;
  foreign.tokens += outputTokens ?? 0;
  if (model !== undefined && !knows(habits.models, model.slice(0, MAX_NAME))) once(foreign.newModels, time, model, id);
  if (systemPrompt !== undefined) once(foreign.prompts, time, systemPrompt, id);
  return foreign;
}

function newForeign(time: number): Foreign {
  return {
    from: time,
    last: time,
    calls: 0,
    answers: 0,
    tokens: 0,
    probes: 0,
    newClient: false,
    strong: 0,
    oddHours: 0,
    newModels: [],
    prompts: [],
    places: [],
    ids: [],
    told: null,
  };
}

function once(recent: Recent, time: number, name: string, id: string): void {
  if (!recent.some(([, what]) => what === name.slice(0, MAX_NAME)))
    note(recent, time, name.slice(0, MAX_NAME), id, QUIET, MAX_RECENT);
}

/** An hour in which, and beside which, the owner has never been active. */
function isOddHour(habits: Habits, time: number): boolean {
  if (habits.days < DAYS_FOR_HOURS) return false;
  const hour = Math.floor(time / HOUR);
  return [hour + 23, hour, hour + 1].every((near) => habits.hours[near % 24]?.[0] === 0);
}

/** The facts that speak against the owner, as text for people, and how many of them are about burning tokens. */
export function factsOf(
  foreign: Foreign,
  habits: Habits,
  params: { prompts: number; probes: number },
): { facts: string[]; burns: number } {
  const own = usual(habits.answer);
  const mean = foreign.answers === 0 ? 0 : Math.round(foreign.tokens / foreign.answers);
  const perDay = habits.calls / Math.max(1, habits.days);
  const days = Math.max(1, (foreign.last - foreign.from) / DAY);
  const prompts = foreign.prompts.length;
  const burning = [
    own !== null &&
      own.n >= ENOUGH &&
      mean >= Math.max(LONG, LONGER * own.median) &&
      `${mean} output tokens a call against ${Math.round(own.median)}`,
    prompts >= params.prompts && `${prompts}${prompts === MAX_RECENT ? ' and more' : ''} different system prompts`,
    foreign.calls / days >= Math.max(10, 2 * perDay) &&
      `${Math.round(foreign.calls / days)} calls a day against ${Math.round(perDay)}`,
  ].filter((fact) => fact !== false);
  const models = distinct(foreign.newModels).map((model) => model.slice(0, 40));
  const others = [
    foreign.probes >= params.probes && 'it was tried out first',
    foreign.newClient && 'the program is new to the key',
    models.length > 0 && `models new to the key: ${models.slice(0, 3).join(', ')}`,
    foreign.oddHours >= foreign.calls / 3 && foreign.oddHours > 2 && 'at hours at which the key is never used',
  ].filter((fact) => fact !== false);
  return { facts: [...others, ...burning], burns: burning.length };
}
