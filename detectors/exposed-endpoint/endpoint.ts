/** One endpoint: it answers without asking who, or many networks share out one search. */

import { shortName } from '../../src/detect/parts/name.ts';
import type { PeerView } from '../../src/detect/parts/peers.ts';
import { reachOf } from '../../src/detect/parts/reach.ts';
import { distinct, idsOf, note, type Recent, since } from '../../src/detect/parts/recent.ts';
import type { FindingDraft } from '../../src/model/finding.ts';
import type { Observation } from '../../src/model/observation.ts';
import { from, whereTo } from './keys.ts';
import { isChange, isTurnedAway, pathOf, probeOf } from './probes.ts';

const HOUR = 60 * 60 * 1_000;
const MAX_CLIENTS = 8;
const MAX_RECENT = 48;
const MAX_ANONYMOUS = 16;

export interface EndpointParams {
  identified: number;
  anonymousShare: number;
  crowd: number;
  crowdPaths: number;
  products: number;
  repeated: number;
}

export interface EndpointState {
  /** Client program → `network path product` of the last hour, each once. */
  searches: Record<string, Recent>;
  anonymous: Recent;
}

export function newEndpoint(): EndpointState {
  return { searches: {}, anonymous: [] };
}

/** Where calls are counted together: one server, else one kind of log. */
export function placeOf({ endpoint, format }: Observation): string {
  return endpoint ?? `log ${format}`;
}

/** The log names nobody: neither key nor person. */
export function isAnonymous({ credential, principal, operation }: Observation): boolean {
  return credential === undefined && principal === undefined && operation !== 'admin';
}

export function atEndpoint(
  observation: Observation,
  state: EndpointState,
  params: EndpointParams,
  peers: PeerView,
): FindingDraft[] {
  if (reachOf(observation) !== 'outside') return [];
  const findings = [unasked(observation, state, params, peers), sharedOut(observation, state, params, peers)];
  return findings.filter((finding) => finding !== undefined);
}

/** A call of nobody succeeded, where all others say who they are; or one that changes the server, where nobody is ever refused. */
function unasked(
  observation: Observation,
  state: EndpointState,
  params: EndpointParams,
  peers: PeerView,
): FindingDraft | undefined {
  if (observation.status !== 'ok' || !isAnonymous(observation)) return undefined;
  const change = isChange(observation.route);
  const call = observation.operation !== 'access';
  if (!change && !call && probeOf(observation.route) === undefined) return undefined;
  const place = placeOf(observation);
  const identified = peers.doers(`identified ${place}`).tenant;
  const anonymous = peers.doers(`anonymous ${place}`).tenant;
  const refuses = peers.doers(`refused ${place}`).tenant > 0;
  const asks = identified >= params.identified && anonymous <= params.anonymousShare * identified;
  if (!asks && (!change || refuses)) return undefined;
  note(state.anonymous, observation.time, pathOf(observation.route), observation.id, HOUR, MAX_ANONYMOUS);
  const times = since(state.anonymous, observation.time - HOUR).length;
  return {
    about: asks ? 'anonymous' : 'open-to-change',
    title: asks ? 'Endpoint answers a caller without a key' : 'Model server takes changes from the internet',
    stage: asks ? 'own' : 'learning',
    severity: asks && times >= params.repeated ? 'critical' : 'high',
    confidence: asks ? 0.85 : 0.7,
    eventIds: idsOf(state.anonymous),
    evidence: [
      {
        kind: asks ? 'no-identity' : 'unauthenticated-change',
        observed: `${times} successful ${times === 1 ? 'call' : 'calls'} in an hour that name neither key nor user${whereTo(observation)}${from(observation)}`,
        usual: asks
          ? `about ${identified} calls with an identity and ${anonymous} without`
          : 'nobody was ever refused there',
        quiet_if: asks
          ? 'the call had named a key or a user, or come from inside'
          : 'the call had been refused, or come from inside',
      },
    ],
  };
}

/** Many networks, one program, and together a long list of paths: one search, shared out so that no network shows it. */
function sharedOut(
  observation: Observation,
  state: EndpointState,
  params: EndpointParams,
  peers: PeerView,
): FindingDraft | undefined {
  const product = probeOf(observation.route);
  const { time, id, network = '' } = observation;
  if ((product === undefined && !isTurnedAway(observation)) || peers.doers(`from ${network}`).tenant > 0)
    return undefined;
  const client = `c:${shortName(observation.client ?? '', 60)}`;
  state.searches[client] ??= [];
  const search = state.searches[client];
  const what = `${network.slice(0, 44)} ${pathOf(observation.route).slice(0, 50)} ${product ?? ''}`.trimEnd();
  if (!since(search, time - HOUR).some(([, known]) => known === what)) note(search, time, what, id, HOUR, MAX_RECENT);
  forget(state, time);
  const parts = distinct(since(search, time - HOUR)).map((one) => one.split(' '));
  const networks = new Set(parts.map(([from]) => from)).size;
  const paths = new Set(parts.map(([, path]) => path)).size;
  const products = new Set(parts.flatMap(([, , name]) => name ?? [])).size;
  if (networks < params.crowd || paths < params.crowdPaths || products < params.products) return undefined;
  const answered = observation.status === 'ok';
  return {
    about: `shared ${client}`,
    title: 'One search of model endpoints is shared out over many networks',
    severity: answered && isAnonymous(observation) ? 'medium' : 'low',
    confidence: Math.min(0.85, 0.4 + 0.03 * networks + 0.02 * paths),
    entities: { principal: null, session: null, credential: null },
    eventIds: idsOf(search),
    evidence: [
      {
        kind: 'distributed-probing',
        observed: `${networks} public networks without a past here asked for ${paths} paths of ${products} products within an hour, all as ${observation.client?.slice(0, 40) ?? 'no program'}${answered ? `; the last was answered${whereTo(observation)}` : ''}`,
        usual: 'such networks do not call here',
        quiet_if: `there had been fewer than ${params.crowd} networks, ${params.crowdPaths} paths or ${params.products} products`,
      },
    ],
  };
}

function forget(state: EndpointState, time: number): void {
  for (const [client, search] of Object.entries(state.searches))
    if ((search.at(-1)?.[0] ?? 0) < time - HOUR) delete state.searches[client];
  const clients = Object.entries(state.searches);
  if (clients.length <= MAX_CLIENTS) return;
  const oldest = clients.sort(([, a], [, b]) => (a.at(-1)?.[0] ?? 0) - (b.at(-1)?.[0] ?? 0))[0];
  if (oldest) delete state.searches[oldest[0]];
}
