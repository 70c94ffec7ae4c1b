/** What cells are made of: a machine, what it gives out, and what is kept of it. */
import type { Timed } from './merge.ts';

/** What a key does with its inputs: a pure state machine. */
export interface Machine<Input extends Timed, State, Output extends { id: string }> {
  initial(key: string): State;
  /**
   * May change the state in place. The same state and input give the same outputs.
   * @param again true when this input has been applied before: whoever counts must not count it twice.
   */
  step(key: string, input: Input, state: State, again: boolean): Output[];
  /** The state of a key could not be kept as JSON: it starts afresh. */
  lost?(key: string, error: unknown): void;
  /** Milliseconds of event time after which an idle key starts afresh. */
  lookback(key: string): number;
  /** The least of these over all keys, if known: shorter pauses need not be looked at. */
  leastLookback?: number;
}

export interface Changes<Output> {
  added: Output[];
  /** Same id, other content, after a late input. */
  changed: Output[];
  /** Would not have come in the right order. What has gone out stays out; it is not final. */
  removed: Output[];
}

/** Outputs are not kept: they are made again from the inputs. */
export interface CellsSnapshot<Input> {
  watermark: number | null;
  /** Key, state at rest, time of the last input in it, inputs since. */
  cells: [string, string | null, number, Input[]][];
}
