/** Rollouts: many of a team begin to use the same new thing within two hours. One notice, and no attack by itself. */
import { type Familiar, knows, meet, newFamiliar } from '../../src/detect/parts/familiar.ts';
import { shortName } from '../../src/detect/parts/name.ts';
import { distinct, idsOf, note, type Recent, since } from '../../src/detect/parts/recent.ts';
import type { FindingDraft } from '../../src/model/finding.ts';
import type { Observation } from '../../src/model/observation.ts';
import { type Kind, type Term, termsOf, WORDS } from './terms.ts';

const HOUR = 60 * 60 * 1_000;
const DAY = 24 * HOUR;
const SPAN = 2 * HOUR;
const SETTLED = 7 * DAY;
/** Share of the team's members, and how many at least. */
const SHARE = 0.2;
const LEAST = 3;
const LEAST_MEMBERS = 5;
const MAX_MEMBERS = 256;
const MAX_KNOWN = 512;
const MAX_RECENT = 256;
const MAX_TOLD = 32;
const SHARED: readonly Kind[] = ['model', 'client', 'tool', 'server', 'prompt'];

export interface Team {
  first: number | null;
  members: Familiar;
  /** Terms of the team since it is known; those of its first week among them. */
  known: Familiar;
  /** `doer term` of new terms in the last two hours, each once. */
  recent: Recent;
  told: string[];
}

export function newTeam(): Team {
  return { first: null, members: newFamiliar(), known: newFamiliar(), recent: [], told: [] };
}

/** Notes what a member of the team used, and says when a rollout is seen. */
export function rollout(observation: Observation, team: Team): FindingDraft[] {
  const { time, id } = observation;
  const dimension = observation.agent === undefined ? 'principal' : 'agent';
  const doer = shortName(observation[dimension] ?? '', 40);
  if (doer === '') return [];
  team.first ??= time;
  meet(team.members, doer, time, MAX_MEMBERS);
  const found: FindingDraft[] = [];
  for (const term of termsOf(observation, dimension)) {
    if (!SHARED.includes(term.kind)) continue;
    const name = `${term.kind} ${shortName(term.name, 60)}`;
    const born = knows(team.known, name) ? team.known.met[name]?.[0] : time;
    const fresh = born !== undefined && born >= time - SPAN;
    meet(team.known, name, time, MAX_KNOWN);
    if (!fresh || time - team.first < SETTLED || team.told.includes(name)) continue;
    const mark = `${doer} ${name}`;
    if (!since(team.recent, time - SPAN).some(([, what]) => what === mark))
      note(team.recent, time, mark, id, SPAN, MAX_RECENT);
    const users = since(team.recent, time - SPAN).filter(([, what]) => what.endsWith(` ${name}`));
    const members = Object.values(team.members.met).filter(([, last]) => last >= time - SETTLED).length;
    if (distinct(users).length < LEAST || members < LEAST_MEMBERS || distinct(users).length <= SHARE * members)
      continue;
    team.told = [...team.told, name].slice(-MAX_TOLD);
    found.push(noticeOf(term, users, members, observation));
  }
  return found;
}

function noticeOf(term: Term, users: Recent, members: number, observation: Observation): FindingDraft {
  const many = distinct(users).length;
  return {
    about: `rollout ${term.kind} ${term.name}`,
    title: `A team begins to use a new ${WORDS[term.kind]}`,
    stage: 'own',
    severity: 'low',
    confidence: 0.3,
    entities: { principal: null, agent: null, credential: null, session: null },
    eventIds: idsOf(users),
    evidence: [
      {
        kind: 'rollout',
        observed: `${many} of ${members} members of ${observation.team?.slice(0, 60)} used ${WORDS[term.kind]} ${term.name} within 2 hours`,
        usual: 'nobody there had used it before',
        quiet_if: `a fifth of the team or fewer had used it`,
      },
    ],
  };
}
