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
  lookback(key: string): number;
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
  readonly key: string;
  /** State at rest as JSON, and the time of the last input in it; null when there is none. */
  rest: string | null;
  restTime: number;
  /** Further inputs at rest: their state is in `head`, and is made again from `rest` when a late input needs it. */
  settled: Input[];
  /** Least time of these. */
  settledFrom: number;
  head: State | null;
  headTime: number;
  entries: Entry<Input, Output>[];
  /** Holds a place among the cells whose head is kept. */
  warm: boolean;
  /** Round of `close` that has last looked at it. */
  round: number;
}

/** Inputs that a busy cell may hold before it is brought to rest up to the watermark. */
const FOLD_AT = 64;
/** Cells at rest whose state is kept as it is, beside its JSON: what is used again soon need not be read and written each time. */
const WARM = 2_048;
/** Inputs at rest that a warm cell may hold before its state is written as JSON. */
const SETTLED = 16;
/** Milliseconds of event time before the watermark from which on an input at rest is not applied again. */
const SETTLED_FOR = 60 * 60 * 1_000;
/**
 * What a machine looks at beside its state must stay as it was for inputs up to this much older than the watermark: a late input may
 * have them applied again. Milliseconds of event time; enough for a lateness of three hours.
 */
export const APPLIED_AGAIN = 4 * SETTLED_FOR;

export class Cells<Input extends Timed, State, Output extends { id: string }> {
  readonly #machine: Machine<Input, State, Output>;
  readonly #cells = new Map<string, Cell<Input, State, Output>>();
  /** One entry per open input, by time: the only ones that the watermark must visit. `#due` is the place of the first. */
  #open: { time: number; cell: Cell<Input, State, Output> }[] = [];
  #due = 0;
  /** Warm cells in the order in which they came; `#hand` is the place of the next one to go. */
  readonly #warm: Cell<Input, State, Output>[] = [];
  #hand = 0;
  #watermark = Number.NEGATIVE_INFINITY;
  #round = 0;

  constructor(machine: Machine<Input, State, Output>) {
    this.#machine = machine;
  }

  /** Applies one input to a key. The same input (time and id) again has no effect while the cell still holds it. */
  put(key: string, input: Input, changes: Changes<Output>): void {
    const cell = this.#cells.get(key) ?? this.#add(key, null, 0);
    if (cell.settledFrom < this.#watermark - SETTLED_FOR) this.#pack(cell);
    const last = cell.entries.at(-1);
    if (last === undefined || byTime(last.input, input) < 0) {
      this.#schedule(input.time, cell);
      const outputs = this.#apply(cell, input, false);
      cell.entries.push({ input, outputs });
      for (const output of outputs) changes.added.push(output);
      return;
    }
    const place = cell.entries.findIndex((entry) => byTime(entry.input, input) >= 0);
    if (byTime((cell.entries[place] as Entry<Input, Output>).input, input) === 0) return;
    const fresh = { input, outputs: [] };
    this.#schedule(input.time, cell);
    cell.entries.splice(place, 0, fresh);
    this.#replay(cell, changes, fresh);
  }

  /** Takes an input back, as if it had never come. */
  remove(key: string, input: Timed, changes: Changes<Output>): void {
    const cell = this.#cells.get(key);
    const place = cell?.entries.findIndex((entry) => byTime(entry.input, input) === 0) ?? -1;
    if (cell === undefined || place < 0) return;
    const [gone] = cell.entries.splice(place, 1);
    changes.removed.push(...(gone as Entry<Input, Output>).outputs);
    this.#replay(cell, changes);
    if (cell.entries.length === 0 && cell.rest === null && cell.settled.length === 0) this.#cells.delete(key);
  }

  /**
   * Nothing before the watermark will change any more. Returns the outputs that became final, in order of their inputs.
   * @param watermark event time; going back has no effect.
   */
  close(watermark: number): Output[] {
    this.#watermark = Math.max(watermark, this.#watermark);
    const final: Entry<Input, Output>[] = [];
    this.#round++;
    for (; this.#due < this.#open.length; this.#due++) {
      const { time, cell } = this.#open[this.#due] as { time: number; cell: Cell<Input, State, Output> };
      if (time >= this.#watermark) break;
      if (cell.round === this.#round) continue;
      cell.round = this.#round;
      this.#closeCell(cell, final);
    }
    // Cutting off what is done moves all that follows: worth it only when much is done.
    if (this.#due > 1_024 && this.#due * 2 > this.#open.length) {
      this.#open = this.#open.slice(this.#due);
      this.#due = 0;
    }
    if (final.length === 0) return [];
    final.sort((a, b) => byTime(a.input, b.input));
    return final.flatMap((entry) => entry.outputs);
  }

  #closeCell(cell: Cell<Input, State, Output>, final: Entry<Input, Output>[]): void {
    const { entries } = cell;
    const last = entries.at(-1);
    // Its inputs were taken back.
    if (last === undefined) return;
    if (last.input.time < this.#watermark) {
      this.#settle(cell, entries.length, final);
      if (cell.settled.length >= SETTLED || cell.settledFrom < this.#watermark - SETTLED_FOR) this.#pack(cell);
      this.#keepWarm(cell);
    } else if (entries.length > FOLD_AT) {
      const open = entries.findIndex((entry) => entry.input.time >= this.#watermark);
      if (open < FOLD_AT) return;
      this.#settle(cell, open, final);
      this.#pack(cell);
    }
  }

  /** Forgets keys that have been idle for longer than the look-back. Changes memory only: an idle key starts afresh in any case. */
  expire(): number {
    let gone = 0;
    for (const [key, cell] of this.#cells) {
      if (cell.entries.length > 0 || cell.headTime + this.#machine.lookback(cell.key) >= this.#watermark) continue;
      this.#cells.delete(key);
      gone++;
    }
    return gone;
  }

  get size(): number {
    return this.#cells.size;
  }

  snapshot(): CellsSnapshot<Input> {
    const cells: CellsSnapshot<Input>['cells'] = [];
    for (const cell of this.#cells.values()) {
      this.#pack(cell);
      cells.push([cell.key, cell.rest, cell.restTime, cell.entries.map(({ input }) => input)]);
    }
    return { watermark: Number.isFinite(this.#watermark) ? this.#watermark : null, cells };
  }

  restore(snapshot: CellsSnapshot<Input>): void {
    this.#watermark = snapshot.watermark ?? Number.NEGATIVE_INFINITY;
    for (const [key, rest, restTime, inputs] of snapshot.cells) {
      const cell = this.#add(key, rest, restTime);
      for (const input of inputs) {
        cell.entries.push({ input, outputs: this.#apply(cell, input, true) });
        this.#open.push({ time: input.time, cell });
      }
    }
    this.#open.sort((a, b) => a.time - b.time);
  }

  #add(key: string, rest: string | null, restTime: number): Cell<Input, State, Output> {
    const cell = {
      key,
      rest,
      restTime,
      settled: [],
      settledFrom: Number.POSITIVE_INFINITY,
      head: null,
      headTime: restTime,
      entries: [],
      warm: false,
      round: 0,
    };
    this.#cells.set(key, cell);
    return cell;
  }

  /** Inputs come nearly in order: mostly the place is the end. */
  #schedule(time: number, cell: Cell<Input, State, Output>): void {
    const open = this.#open;
    const last = open.at(-1);
    if (last === undefined || last.time <= time || this.#due === open.length) {
      open.push({ time, cell });
      return;
    }
    let low = this.#due;
    let high = open.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((open[middle] as { time: number }).time <= time) low = middle + 1;
      else high = middle;
    }
    open.splice(low, 0, { time, cell });
  }

  #apply(cell: Cell<Input, State, Output>, input: Input, again: boolean): Output[] {
    if (cell.head === null) this.#wake(cell);
    return this.#step(cell, input, again);
  }

  #step(cell: Cell<Input, State, Output>, input: Input, again: boolean): Output[] {
    if (input.time - cell.headTime > this.#machine.lookback(cell.key) && cell.headTime > 0)
      cell.head = this.#machine.initial(cell.key);
    const outputs = this.#machine.step(cell.key, input, cell.head as State, again);
    cell.headTime = Math.max(cell.headTime, input.time);
    return outputs;
  }

  /** Makes the head of what is at rest. */
  #wake(cell: Cell<Input, State, Output>): void {
    cell.head = cell.rest === null ? this.#machine.initial(cell.key) : (JSON.parse(cell.rest) as State);
    cell.headTime = cell.restTime;
    for (const input of cell.settled) this.#step(cell, input, true);
  }

  /** @param fresh the entry that has not been applied before, if any. */
  #replay(cell: Cell<Input, State, Output>, changes: Changes<Output>, fresh?: Entry<Input, Output>): void {
    this.#wake(cell);
    // An output may come several times under one id, as an alert that rises does: each is compared with its own earlier form.
    const before = new Map<string, Output[]>();
    for (const output of cell.entries.flatMap((entry) => entry.outputs))
      before.set(output.id, [...(before.get(output.id) ?? []), output]);
    for (const entry of cell.entries) {
      entry.outputs = this.#step(cell, entry.input, entry !== fresh);
      for (const output of entry.outputs) {
        const old = before.get(output.id)?.shift();
        if (old === undefined) changes.added.push(output);
        else if (JSON.stringify(old) !== JSON.stringify(output)) changes.changed.push(output);
      }
    }
    changes.removed.push(...[...before.values()].flat());
  }

  /** The first entries come to rest. */
  #settle(cell: Cell<Input, State, Output>, count: number, final: Entry<Input, Output>[]): void {
    const { entries } = cell;
    for (let i = 0; i < count; i++) {
      const entry = entries[i] as Entry<Input, Output>;
      if (entry.outputs.length > 0) final.push(entry);
      cell.settled.push(entry.input);
      cell.settledFrom = Math.min(cell.settledFrom, entry.input.time);
    }
    cell.entries = count === entries.length ? [] : entries.slice(count);
  }

  #keepWarm(cell: Cell<Input, State, Output>): void {
    if (cell.warm) return;
    cell.warm = true;
    const old = this.#warm[this.#hand];
    this.#warm[this.#hand] = cell;
    this.#hand = (this.#hand + 1) % WARM;
    if (old === undefined) return;
    // One that is at work comes back when it rests.
    old.warm = false;
    if (old.entries.length > 0 || this.#cells.get(old.key) !== old) return;
    this.#pack(old);
    old.head = null;
  }

  /** Writes the state at rest as JSON. */
  #pack(cell: Cell<Input, State, Output>): void {
    if (cell.settled.length === 0) return;
    if (cell.entries.length > 0) {
      const { head, headTime } = cell;
      this.#wake(cell);
      this.#write(cell);
      cell.head = head;
      cell.headTime = headTime;
    } else this.#write(cell);
    cell.settled = [];
    cell.settledFrom = Number.POSITIVE_INFINITY;
  }

  /** A state that is no JSON is a fault of the machine: the key starts afresh, the others go on. */
  #write(cell: Cell<Input, State, Output>): void {
    cell.restTime = cell.headTime;
    try {
      cell.rest = JSON.stringify(cell.head) ?? null;
    } catch (error) {
      this.#machine.lost?.(cell.key, error);
      cell.rest = null;
      if (cell.entries.length === 0) cell.head = null;
    }
  }
}

/** Outputs are not kept: they are made again from the inputs. */
export interface CellsSnapshot<Input> {
  watermark: number | null;
  /** Key, state at rest, time of the last input in it, inputs since. */
  cells: [string, string | null, number, Input[]][];
}
