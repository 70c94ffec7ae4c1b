/** Other hands: a credential is used from a network and with a program that are strangers to it, for what it never did. */
import { type Familiar, knows, meet, newFamiliar } from '../../src/detect/parts/familiar.ts';
import { shortName } from '../../src/detect/parts/name.ts';
import { arrive, newOrigins, type Origins } from '../../src/detect/parts/origins.ts';
import type { PeerFact, PeerView } from '../../src/detect/parts/peers.ts';
import { reachOf } from '../../src/detect/parts/reach.ts';
import { note, type Recent, since } from '../../src/detect/parts/recent.ts';
import { templateOf } from '../../src/detect/parts/template.ts';
import type { FindingDraft } from '../../src/model/finding.ts';
import type { Observation } from '../../src/model/observation.ts';

/** What a credential is used for, and from where. Plain JSON. */
export interface Hands {
  origins: Origins;
  /** `agent x`, `model y`, `tool z` of calls from where the credential is at home. */
  deeds: Familiar;
  /** What strangers did of late that it never did. */
  odd: Recent;
}

const DAY = 24 * 60 * 60 * 1_000;
const MAX_DEEDS = 160;
const MAX_ODD = 24;
const MAX_NAME = 64;
const MAX_TOOLS = 8;
/** A program that no more people use is no product that everybody has on some device. */
const RARE = 2;
const MEDIUM = 2;
const HIGH = 5;
const SAME_PROGRAM = 4;

export function newHands(): Hands {
  return { origins: newOrigins(), deeds: newFamiliar(), odd: [] };
}

/** Who uses which program, so that a program which is new to a credential can be rare or common. */
export function clientFacts({ client, principal, credential, status }: Observation): PeerFact[] {
  const by = principal ?? credential;
  return client === undefined || by === undefined || status !== 'ok' ? [] : [{ deed: `client ${client}`, by }];
}

/** Reports network and program that are both strangers together with what the credential never did; else learns. */
export function inOtherHands(observation: Observation, hands: Hands, peers: PeerView): FindingDraft | undefined {
  const { time, id, status, network = '', client = '' } = observation;
  if (status !== 'ok' || observation.operation === 'admin') return undefined;
  const strange = arrive(hands.origins, observation);
  if (!strange.network) {
    for (const deed of deedsOf(observation)) meet(hands.deeds, deed, time, MAX_DEEDS);
    return undefined;
  }
  let news = false;
  for (const deed of deedsOf(observation)) {
    if (knows(hands.deeds, deed) || since(hands.odd, time - DAY).some(([, what]) => what === deed)) continue;
    note(hands.odd, time, deed, id, DAY, MAX_ODD);
    news = true;
  }
  const rare = peers.doers(`client ${client}`).tenant < RARE;
  const odd = since(hands.odd, time - DAY);
  const weight = weigh(odd, strange.client && rare, hands);
  const inside = reachOf(observation) === 'inside';
  // With a program that it knows, a strange network is a journey: it takes more to speak of other hands.
  const least = strange.client ? (inside ? MEDIUM + 1 : MEDIUM) : inside ? Number.POSITIVE_INFINITY : SAME_PROGRAM;
  if (!news || odd.length === 0 || weight < least) return undefined;
  const names = odd.map(([, what]) => what);
  return {
    about: `hands:${shortName(`${client} ${network}`, MAX_NAME)}`,
    title: 'Credential is in other hands: other place, other program, other work',
    stage: 'own',
    severity: strange.client && weight >= HIGH && !inside ? 'high' : 'medium',
    confidence: Math.min(0.9, 0.5 + 0.08 * weight - (inside ? 0.1 : 0)),
    eventIds: odd.map(([, , event]) => event),
    evidence: [
      {
        kind: 'other-hands',
        observed: `from ${network.slice(0, MAX_NAME)} with ${client.slice(0, MAX_NAME)}${rare ? ', which hardly anyone here uses' : ''}, ${strange.client ? 'both' : 'the network'} new to it; never before: ${names.slice(0, 6).join(', ')}${names.length > 6 ? `, and ${names.length - 6} more` : ''}`,
        usual: `${Object.keys(hands.origins.networks.met).length - 1} networks and ${Object.keys(hands.origins.clients.met).length - Number(strange.client)} programs in ${hands.origins.days} active days`,
        quiet_if: 'the network had been known for it, or it had been used for its ordinary work',
      },
    ],
  };
}

/** A new agent says most; a person tries another model now and then. */
function weigh(odd: Recent, rare: boolean, { deeds }: Hands): number {
  const count = (kind: string) => odd.filter(([, what]) => what.startsWith(`${kind} `)).length;
  const tools = count('tool');
  const toolless = !Object.keys(deeds.met).some((deed) => deed.startsWith('tool '));
  return (
    (count('agent') > 0 ? 2 : 0) +
    Math.min(count('model'), 2) +
    Math.min(tools, 3) +
    (tools > 0 && toolless ? 1 : 0) +
    (rare ? 1 : 0)
  );
}

function deedsOf({ agent, model, calls }: Observation): string[] {
  const name = (text: string) => shortName(templateOf(text), MAX_NAME);
  return [
    ...(agent === undefined ? [] : [`agent ${name(agent)}`]),
    ...(model === undefined ? [] : [`model ${name(model)}`]),
    ...new Set(calls.slice(0, MAX_TOOLS).map(({ tool }) => `tool ${name(tool)}`)),
  ];
}
