/**
 * Keyed state in event time. Each key has a cell: the state at rest, and the inputs since, in order. An input in order is applied at once,
 * so what it yields goes out at once; one that comes late makes the cell start again from its state at rest and apply all of them in
 * order. So the outputs that the watermark closes depend on the inputs alone, never on when they arrived.
 */
import { byTime, type Timed } from './merge.ts';

/** What a key does with its inputs: a pure state machine. */
export interface Machine<Input extends Timed, State, Output extends { id: string }> {
  initial(key: string): State;
  /** May change the state in place. The same state and input give the same outputs. */
  /** @param again true when this input has been applied before: whoever counts must not count it twice. */
  step(key: string, input: Input, state: State, again: boolean): Output[];
  /** The state of a key could not be kept as JSON: it starts afresh. */
  lost?(key: string, error: unknown): void;
  /** Milliseconds of event time after which an idle key starts afresh. */
  lookback: number;
}

export interface Changes<Output> {
  added: Output[];
  /** Same id, other content, after a late input. */
  changed: Output[];
  /** Would not have come in the right order. What has gone out stays out; it is not final. */
  removed: Output[];
}

interface Entry<Input, Output> {
  input: Input;
  outputs: Output[];
}

interface Cell<Input, State, Output> {
  /** State at rest as JSON, and the time of the last input in it; null when there is none. */
  rest: string | null;
  restTime: number;
  head: State | null;
  headTime: number;
  entries: Entry<Input, Output>[];
}

/** Inputs that a busy cell may hold before it is brought to rest up to the watermark. */
const FOLD_AT = 64;

export class Cells<Input extends Timed, State, Output extends { id: string }> {
  readonly #machine: Machine<Input, State, Output>;
  readonly #cells = new Map<string, Cell<Input, State, Output>>();
  /** Keys whose cell holds inputs: the only ones that the watermark must visit. */
  readonly #awake = new Set<string>();
  #watermark = Number.NEGATIVE_INFINITY;
  /** An input came from before the watermark: it must be closed although the watermark stands still. */
  #overdue = false;

  constructor(machine: Machine<Input, State, Output>) {
    this.#machine = machine;
  }

  /** Applies one input to a key. The same input (time and id) again has no effect while the cell still holds it. */
  put(key: string, input: Input, changes: Changes<Output>): void {
    const cell = this.#cells.get(key) ?? this.#open(key);
    this.#awake.add(key);
    if (input.time < this.#watermark) this.#overdue = true;
    const last = cell.entries.at(-1);
    if (last === undefined || byTime(last.input, input) < 0) {
      const entry = { input, outputs: this.#apply(key, cell, input, false) };
      cell.entries.push(entry);
      changes.added.push(...entry.outputs);
      return;
    }
    const place = cell.entries.findIndex((entry) => byTime(entry.input, input) >= 0);
    if (byTime((cell.entries[place] as Entry<Input, Output>).input, input) === 0) return;
    const fresh = { input, outputs: [] };
    cell.entries.splice(place, 0, fresh);
    this.#replay(key, cell, changes, fresh);
  }

  /** Takes an input back, as if it had never come. */
  remove(key: string, input: Timed, changes: Changes<Output>): void {
    const cell = this.#cells.get(key);
    const place = cell?.entries.findIndex((entry) => byTime(entry.input, input) === 0) ?? -1;
    if (cell === undefined || place < 0) return;
    const [gone] = cell.entries.splice(place, 1);
    changes.removed.push(...(gone as Entry<Input, Output>).outputs);
    this.#replay(key, cell, changes);
    if (cell.entries.length > 0) return;
    this.#awake.delete(key);
    if (cell.rest === null) this.#cells.delete(key);
  }

  /**
   * Nothing before the watermark will change any more. Returns the outputs that became final, in order of their inputs.
   * @param watermark event time; going back has no effect.
   */
  close(watermark: number): Output[] {
    if (watermark <= this.#watermark && !this.#overdue) return [];
    this.#watermark = Math.max(watermark, this.#watermark);
    this.#overdue = false;
    const final: { input: Input; outputs: Output[] }[] = [];
    for (const key of this.#awake) {
      const cell = this.#cells.get(key) as Cell<Input, State, Output>;
      const open = cell.entries.findIndex((entry) => entry.input.time >= this.#watermark);
      if (open < 0) this.#rest(key, cell, final);
      else if (open >= FOLD_AT) this.#fold(key, cell, open, final);
    }
    final.sort((a, b) => byTime(a.input, b.input));
    return final.flatMap((entry) => entry.outputs);
  }

  /** Forgets keys that have been idle for longer than the look-back. Changes memory only: an idle key starts afresh in any case. */
  expire(): number {
    let gone = 0;
    for (const [key, cell] of this.#cells) {
      if (this.#awake.has(key) || cell.restTime + this.#machine.lookback >= this.#watermark) continue;
      this.#cells.delete(key);
      gone++;
    }
    return gone;
  }

  get size(): number {
    return this.#cells.size;
  }

  snapshot(): CellsSnapshot<Input> {
    return {
      watermark: Number.isFinite(this.#watermark) ? this.#watermark : null,
      cells: [...this.#cells].map(([key, cell]) => [
        key,
        cell.rest,
        cell.restTime,
        cell.entries.map(({ input }) => input),
      ]),
    };
  }

  restore(snapshot: CellsSnapshot<Input>): void {
    this.#watermark = snapshot.watermark ?? Number.NEGATIVE_INFINITY;
    for (const [key, rest, restTime, inputs] of snapshot.cells) {
      const cell: Cell<Input, State, Output> = { rest, restTime, head: null, headTime: restTime, entries: [] };
      this.#cells.set(key, cell);
      for (const input of inputs) cell.entries.push({ input, outputs: this.#apply(key, cell, input, true) });
      if (inputs.length > 0) this.#awake.add(key);
    }
  }

  #open(key: string): Cell<Input, State, Output> {
    const cell = { rest: null, restTime: 0, head: null, headTime: 0, entries: [] };
    this.#cells.set(key, cell);
    return cell;
  }

  #apply(key: string, cell: Cell<Input, State, Output>, input: Input, again: boolean): Output[] {
    if (cell.head === null)
      cell.head = cell.rest === null ? this.#machine.initial(key) : (JSON.parse(cell.rest) as State);
    if (input.time - cell.headTime > this.#machine.lookback && cell.headTime > 0)
      cell.head = this.#machine.initial(key);
    const outputs = this.#machine.step(key, input, cell.head, again);
    cell.headTime = Math.max(cell.headTime, input.time);
    return outputs;
  }

  /** @param fresh the entry that has not been applied before, if any. */
  #replay(key: string, cell: Cell<Input, State, Output>, changes: Changes<Output>, fresh?: Entry<Input, Output>): void {
    cell.head = null;
    cell.headTime = cell.restTime;
    // An output may come several times under one id, as an alert that rises does: each is compared with its own earlier form.
    const before = new Map<string, Output[]>();
    for (const output of cell.entries.flatMap((entry) => entry.outputs))
      before.set(output.id, [...(before.get(output.id) ?? []), output]);
    for (const entry of cell.entries) {
      entry.outputs = this.#apply(key, cell, entry.input, entry !== fresh);
      for (const output of entry.outputs) {
        const old = before.get(output.id)?.shift();
        if (old === undefined) changes.added.push(output);
        else if (JSON.stringify(old) !== JSON.stringify(output)) changes.changed.push(output);
      }
    }
    changes.removed.push(...[...before.values()].flat());
  }

  #rest(key: string, cell: Cell<Input, State, Output>, final: Entry<Input, Output>[]): void {
    final.push(...cell.entries);
    cell.rest = this.#toRest(key, cell.head);
    cell.restTime = cell.headTime;
    cell.head = null;
    cell.entries = [];
    this.#awake.delete(key);
  }

  /** A state that is no JSON is a fault of the machine: the key starts afresh, the others go on. */
  #toRest(key: string, state: State | null): string | null {
    try {
      return JSON.stringify(state) ?? null;
    } catch (error) {
      this.#machine.lost?.(key, error);
      return null;
    }
  }

  #fold(key: string, cell: Cell<Input, State, Output>, open: number, final: Entry<Input, Output>[]): void {
    const closed = cell.entries.slice(0, open);
    const base: Cell<Input, State, Output> = { ...cell, head: null, headTime: cell.restTime, entries: [] };
    for (const entry of closed) this.#apply(key, base, entry.input, true);
    final.push(...closed);
    cell.rest = this.#toRest(key, base.head);
    cell.restTime = base.headTime;
    cell.entries = cell.entries.slice(open);
  }
}

/** Outputs are not kept: they are made again from the inputs. */
export interface CellsSnapshot<Input> {
  watermark: number | null;
  /** Key, state at rest, time of the last input in it, inputs since. */
  cells: [string, string | null, number, Input[]][];
}
