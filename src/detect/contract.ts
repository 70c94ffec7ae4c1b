/** The contract that every detector is written against: pure, in event time, on declared keys, with bounded state. */
import type { ZodType } from 'zod';
import type { DetectorClass, FindingDraft, Maturity, Severity } from '../model/finding.ts';
import type { Dimension, Key } from '../model/key.ts';
import type { Observation } from '../model/observation.ts';
import type { PeerFact, PeerView } from './parts/peers.ts';

export interface DetectContext<Params> {
  params: Params;
  /** Whose state this is; a detector with several keys is called once per key that the observation has. */
  key: Key;
  /** What `peers` said about the days before, of the observation's team and tenant. */
  peers: PeerView;
}

/**
 * A detector.
 *
 * `observe` is called with observations of one key in event-time order and returns what it sees. It has no clock, no randomness and no
 * I/O: the same observations give the same findings. It may change `state` in place; state is plain JSON (no Map, Date, undefined in
 * arrays) and must stay under `bound` bytes whatever arrives. After `lookback` of event time without an observation the key is
 * forgotten.
 */
export interface Detector<State = unknown, Params = unknown> {
  /** Kebab-case; the name of its folder. */
  id: string;
  /** Plain words; the default title of its findings. */
  title: string;
  class: DetectorClass;
  maturity: Maturity;
  /** Harm if a finding is true, unless the finding says otherwise. */
  severity: Severity;
  /** ATLAS (`AML.T…`) and ATT&CK (`T…`) ids. */
  techniques: string[];
  keys: Dimension[];
  /** Schema with a default for every field: `params.parse({})` is what ships. */
  params: ZodType<Params>;
  /** Milliseconds of event time that a key is remembered after its last observation; where dimensions differ, by dimension. */
  lookback: number | Partial<Record<Dimension, number>>;
  /** Upper bound of one key's state as JSON, in bytes. */
  bound: number;
  /** Raise it when the shape of the state changes: state of another version is dropped on restore. */
  stateVersion: number;
  initial(): State;
  /** Cheap test whether an observation matters to the keys of a dimension; without it every one does to all. */
  concerns?(observation: Observation, dimension: Dimension): boolean;
  /** What an observation adds to the tables of what is usual among peers; pure, like `observe`, and at most a few dozen facts. */
  peers?(observation: Observation): PeerFact[];
  observe(observation: Observation, state: State, context: DetectContext<Params>): FindingDraft[];
}

/**
 * Types a detector and checks what the type system cannot.
 * @example
 * export default defineDetector({ id: 'tool-fan-out', …, keys: ['session'], initial: () => ({ tools: [] }), observe(o, state) { … } });
 */
export function defineDetector<State, Params>(detector: Detector<State, Params>): Detector<State, Params> {
  if (!/^[a-z][a-z0-9-]*$/.test(detector.id)) throw new TypeError(`detector id is not kebab-case: ${detector.id}`);
  if (detector.keys.length === 0) throw new TypeError(`detector ${detector.id} declares no key dimension`);
  for (const dimension of detector.keys)
    if (!(lookbackOf(detector, dimension) > 0))
      throw new TypeError(`detector ${detector.id} declares no look-back for ${dimension}`);
  return detector;
}

/** Milliseconds of event time that a key of this dimension is remembered; 0 for a dimension that the detector does not use. */
export function lookbackOf({ lookback }: Pick<Detector, 'lookback'>, dimension: Dimension): number {
  return typeof lookback === 'number' ? lookback : (lookback[dimension] ?? 0);
}
