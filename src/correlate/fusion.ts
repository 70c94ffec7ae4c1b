/**
 * Fusion: findings that are weak alone but point at one principal are put together. Each signal weighs as much as it was measured to say;
 * signals with one cause in common count once, by the strongest. So a chain of true signals becomes one alert, and many copies of one
 * false signal do not. Naive Bayes over groups (Good 1950, weight of evidence).
 */
import type { Finding, Severity } from '../model/finding.ts';
import { atLeast } from '../model/finding.ts';
import { contentId } from '../model/ids.ts';
import { type Key, keyText } from '../model/key.ts';
import { Cells, type CellsSnapshot, type Changes } from '../stream/cells.ts';
import { groupOf, type Likelihoods, MEASURED, ratioOf } from './likelihoods.ts';

/** Name under which a fused finding goes, in place of a detector's. */
export const FUSION = 'fusion';

/** Signals further apart do not belong together. Milliseconds of event time. */
const WINDOW = 24 * 60 * 60 * 1_000;
/** Different signals kept of one principal. */
const MAX_SIGNALS = 32;
const SHOWN = 8;
/** Probability from which the chain is told, and from which it is of high severity. */
const TELL = 0.5;
const SURE = 0.9;
/** Groups that must agree: one alone is what its detector has said already. */
const MIN_GROUPS = 2;

interface Signal {
  name: string;
  time: number;
  event: string;
  title: string;
  observed: string;
  techniques: string[];
}

interface State {
  /** By name, as first seen within the window, oldest first. */
  signals: Signal[];
  /** Severity that people have been told of, by a fused finding or by a detector. */
  told: Severity | null;
  last: number;
}

export class Fusion {
  readonly #cells: Cells<Finding, State, Finding>;

  constructor(likelihoods: Likelihoods = MEASURED) {
    this.#cells = new Cells<Finding, State, Finding>({
      lookback: () => WINDOW,
      initial: () => ({ signals: [], told: null, last: 0 }),
      step: (_key, finding, state) => step(finding, state, likelihoods),
    });
  }

  add(finding: Finding, changes: Changes<Finding>): void {
    const key = fusionKey(finding.entities);
    if (key !== undefined) this.#cells.put(keyText(key), finding, changes);
  }

  remove(finding: Finding, changes: Changes<Finding>): void {
    const key = fusionKey(finding.entities);
    if (key !== undefined) this.#cells.remove(keyText(key), finding, changes);
  }

  close(watermark: number): void {
    this.#cells.close(watermark);
  }

  expire(): number {
    return this.#cells.expire();
  }

  snapshot(): CellsSnapshot<Finding> {
    return this.#cells.snapshot();
  }

  restore(snapshot: CellsSnapshot<Finding>): void {
    this.#cells.restore(snapshot);
  }
}

/** Whom something is about: the principal, else the credential, else the session; undefined when none is known. */
export function fusionKey(about: {
  tenant: string;
  principal?: string | null;
  credential?: string | null;
  session?: string | null;
}): Key | undefined {
  for (const dimension of ['principal', 'credential', 'session'] as const) {
    const id = about[dimension];
    if (id != null) return { tenant: about.tenant, dimension, id };
  }
  return undefined;
}

/** Detector and kind of its first evidence: what likelihoods are measured of. */
export function signalName(finding: Finding): string {
  return `${finding.detector}/${finding.evidence[0]?.kind ?? 'none'}`;
}

function step(finding: Finding, state: State, likelihoods: Likelihoods): Finding[] {
  if (finding.time - state.last > WINDOW) Object.assign(state, { signals: [], told: null });
  state.last = finding.time;
  state.signals = state.signals.filter(({ time }) => finding.time - time <= WINDOW);
  const name = signalName(finding);
  if (!state.signals.some((signal) => signal.name === name)) state.signals.push(signalOf(name, finding));
  state.signals = state.signals.slice(-MAX_SIGNALS);
  if (!finding.signal && atLeast(finding.severity, 'high')) state.told = 'high';
  const groups = strongest(state.signals, likelihoods);
  const probability = posterior(
    [...groups.values()].map(({ ratio }) => ratio),
    likelihoods.prior,
  );
  const severity: Severity = probability >= SURE ? 'high' : 'medium';
  if (groups.size < MIN_GROUPS || probability < TELL || (state.told && atLeast(state.told, severity))) return [];
  state.told = severity;
  return [fused(finding, [...groups.values()], state.signals, probability, severity)];
}

function signalOf(name: string, finding: Finding): Signal {
  return {
    name,
    time: finding.time,
    event: finding.eventIds.at(-1) ?? '',
    title: finding.title,
    observed: finding.evidence[0]?.observed ?? finding.title,
    techniques: finding.techniques,
  };
}

interface Weighed {
  name: string;
  ratio: number;
}

/** Of each group the signal that says most; signals that say nothing are left out. */
function strongest(signals: readonly Signal[], likelihoods: Likelihoods): Map<string, Weighed> {
  const groups = new Map<string, Weighed>();
  for (const { name } of signals) {
    const ratio = ratioOf(likelihoods, name);
    const group = groupOf(likelihoods, name.slice(0, name.indexOf('/')));
    if (ratio > Math.max(1, groups.get(group)?.ratio ?? 0)) groups.set(group, { name, ratio });
  }
  return groups;
}

function posterior(ratios: readonly number[], prior: number): number {
  const odds = ratios.reduce((product, ratio) => product * ratio, prior / (1 - prior));
  return odds / (1 + odds);
}

function fused(
  finding: Finding,
  weighed: readonly Weighed[],
  signals: readonly Signal[],
  probability: number,
  severity: Severity,
): Finding {
  const key = fusionKey(finding.entities) as Key;
  const ratios = new Map(weighed.map(({ name, ratio }) => [name, ratio]));
  const chain = signals.filter(({ name }) => ratios.has(name)).slice(-SHOWN);
  return {
    id: contentId('fi', [key.tenant, FUSION, severity, finding.id]),
    time: finding.time,
    detector: FUSION,
    class: 'behaviour',
    maturity: 'experimental',
    key,
    about: 'chain',
    title: 'Signals that are weak alone point at one attack',
    severity,
    confidence: Math.min(0.97, Math.round(probability * 1_000) / 1_000),
    entities: finding.entities,
    eventIds: [...new Set(chain.map(({ event }) => event))],
    evidence: chain.map(({ name, title, observed }) => ({
      kind: name,
      observed: `${title}: ${observed}`,
      usual: `${Math.round(ratios.get(name) as number)} times as frequent in attacks as elsewhere`,
      quiet_if: 'it had come alone',
    })),
    techniques: [...new Set(chain.flatMap(({ techniques }) => techniques))],
    untrustedTrigger: finding.untrustedTrigger,
    stage: null,
  };
}
