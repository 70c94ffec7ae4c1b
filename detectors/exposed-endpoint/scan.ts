/** One network looks around: many paths, of many products, or by a program that calls itself a scanner; and what it got. */
import { type Familiar, meet, newFamiliar } from '../../src/detect/parts/familiar.ts';
import { reachOf } from '../../src/detect/parts/reach.ts';
import { distinct, idsOf, note, prune, type Recent, since } from '../../src/detect/parts/recent.ts';
import type { FindingDraft, Severity } from '../../src/model/finding.ts';
import type { Observation } from '../../src/model/observation.ts';
import { from, whereTo } from './keys.ts';
import { isChange, isScanner, isTurnedAway, pathOf, probeOf } from './probes.ts';

const MINUTE = 60 * 1_000;
const SPAN = 10 * MINUTE;
const AFTER = 60 * MINUTE;
const MAX_RECENT = 48;
const MAX_USED = 8;
/** Days with success that make a network an ordinary one. */
const KNOWN_DAYS = 3;

export interface ScanParams {
  paths: number;
  refused: number;
  refusedPaths: number;
  products: number;
}

export interface ScanState {
  /** `path product` of listings asked for, and paths turned away, of the last ten minutes. */
  probes: Recent;
  refused: Recent;
  /** Days on which calls from here succeeded. */
  used: Familiar;
  /** When a scan was last seen, and how bad. */
  scanned: [time: number, severity: Severity] | null;
}

export function newScan(): ScanState {
  return { probes: [], refused: [], used: newFamiliar(), scanned: null };
}

export function scan(observation: Observation, state: ScanState, params: ScanParams): FindingDraft[] {
  const { time, id, route, client } = observation;
  const product = probeOf(route);
  const away = isTurnedAway(observation);
  prune(state.probes, time - SPAN, MAX_RECENT);
  prune(state.refused, time - SPAN, MAX_RECENT);
  if (product !== undefined) note(state.probes, time, `${pathOf(route)} ${product}`, id, SPAN, MAX_RECENT);
  if (away) note(state.refused, time, pathOf(route), id, SPAN, MAX_RECENT);
  const seen = product !== undefined || away ? looksAround(observation, state, params) : undefined;
  const answered = observation.status === 'ok' ? wasAnswered(observation, state) : undefined;
  if (observation.status === 'ok' && !isScanner(client)) meet(state.used, 'ok', time, MAX_USED);
  const worst = answered ?? seen;
  return worst === undefined ? [] : [worst];
}

function looksAround(observation: Observation, state: ScanState, params: ScanParams): FindingDraft | undefined {
  const probes = distinct(state.probes);
  const products = new Set(probes.map((what) => what.slice(what.indexOf(' ') + 1))).size;
  const paths = new Set([...probes.map((what) => what.slice(0, what.indexOf(' '))), ...distinct(state.refused)]).size;
  const refused = since(state.refused, observation.time - SPAN).length;
  const refusedPaths = distinct(state.refused).length;
  const scanner = isScanner(observation.client);
  const many = paths >= params.paths || (refused >= params.refused && refusedPaths >= params.refusedPaths);
  if (!many && !scanner && products < params.products) return undefined;
  // An ordinary caller, or one of our own, that is turned away often has a fault, unless it asks for what no client needs.
  const ordinary = daysUsed(state) >= KNOWN_DAYS || reachOf(observation) !== 'outside';
  const severity = many && (!ordinary || products >= params.products) ? 'medium' : 'low';
  // The internet asks every public server something, all day.
  const noise = severity === 'low' && reachOf(observation) === 'outside' && products < params.products;
  state.scanned = [observation.time, severity];
  return {
    about: 'scan',
    title: 'A network looks around at model endpoints',
    severity,
    confidence: scanner ? 0.9 : Math.min(0.9, 0.4 + 0.02 * paths + 0.05 * products),
    entities: { principal: null, session: null },
    eventIds: idsOf([...state.probes, ...state.refused]),
    evidence: [
      {
        kind: 'probing-paths',
        observed: `${paths} paths in 10 minutes, listings of ${products} products, ${refused} calls turned away${from(observation)}${scanner ? `, by ${observation.client?.slice(0, 40)}` : ''}: ${shown([...state.probes, ...state.refused])}`,
        usual: `${daysUsed(state)} days with successful calls from there`,
        quiet_if: `there had been fewer than ${params.paths} paths, ${params.products} products and ${params.refused} refusals on ${params.refusedPaths} paths`,
      },
    ],
    ...(noise ? { signal: true as const } : {}),
  };
}

/** Something opened after the search, or a scanner got what it asked for. */
function wasAnswered(observation: Observation, state: ScanState): FindingDraft | undefined {
  const recent = state.scanned !== null && observation.time - state.scanned[0] <= AFTER;
  const listing = probeOf(observation.route) !== undefined || isChange(observation.route);
  const call = observation.operation !== 'access' && observation.operation !== 'admin';
  const scanner = isScanner(observation.client);
  if (!(recent || scanner) || !(listing || call) || reachOf(observation) === 'inside') return undefined;
  if (daysUsed(state) >= KNOWN_DAYS && !scanner) return undefined;
  // One listing that answers is what most public gateways have; a call is more, and so is a listing after a long search.
  const severity = call || state.scanned?.[1] === 'medium' ? 'high' : 'medium';
  return {
    about: 'answered',
    title: 'Model endpoint answers a network that was looking around',
    severity,
    confidence: call ? 0.85 : 0.7,
    entities: { session: null },
    eventIds: idsOf([...state.probes, ...state.refused]),
    evidence: [
      {
        kind: 'success-after-probing',
        observed: `${call ? observation.operation : 'a listing'} succeeded${whereTo(observation)}${from(observation)}, ${scanner ? `to ${observation.client?.slice(0, 40)}` : 'within an hour of its search'}`,
        usual: `${daysUsed(state)} days with successful calls from there`,
        quiet_if: 'the call had been refused, or the network had been an ordinary one for three days',
      },
    ],
  };
}

function daysUsed(state: ScanState): number {
  return state.used.met.ok?.[2] ?? 0;
}

function shown(recent: Recent): string {
  const paths = [...new Set(recent.map(([, what]) => what.split(' ', 1)[0] ?? ''))];
  return paths.slice(0, 6).join(', ') + (paths.length > 6 ? ', …' : '');
}
