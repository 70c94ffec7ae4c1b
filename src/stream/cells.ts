/**
 * Keyed state in event time. Each key has a cell: the state at rest, and the inputs since, in order. An input in order is applied at once,
 * so what it yields goes out at once; one that comes late makes the cell start again from a state before it and apply what follows in
 * order. So the outputs that the watermark closes depend on the inputs alone, never on when they arrived.
 */
import { Due } from './due.ts';
import type { CellsSnapshot, Changes, Machine } from './machine.ts';
import { byTime, type Timed } from './merge.ts';

export type { CellsSnapshot, Changes, Machine };

/** The state after the first `at` inputs. */
interface Mark {
  at: number;
  json: string;
  time: number;
}

interface Cell<Input, State, Output> {
  readonly key: string;
  /** State at rest as JSON, and the time of the last input in it; null when there is none. */
  rest: string | null;
  restTime: number;
  /** Inputs since, in order; `settled` of them are from before the watermark, as far as it has been looked at. */
  inputs: Input[];
  settled: number;
  /** What inputs have yielded that is not final yet; null when nothing is. */
  outputs: Map<Input, Output[]> | null;
  /** States to start again from, in order. */
  marks: Mark[];
  /** Inputs from one mark to the next. */
  every: number;
  head: State | null;
  headTime: number;
  /** Waits for the watermark to come to rest. */
  awake: boolean;
  /** Holds a place among the cells whose head is kept. */
  warm: boolean;
}

/** Cells at rest whose state is kept as it is, beside its JSON: what is used again soon need not be read and written each time. */
const WARM = 2_048;
/** Inputs after which a state is written as JSON, at least and at most: a large one less often, so many bytes for each input. */
const LEAST_EVERY = 32;
const MOST_EVERY = 512;
const BYTES_PER_INPUT = 256;
/** Marks of a busy cell. */
const MAX_MARKS = 8;
/** Milliseconds of event time before the watermark from which on an input at rest is not applied again. */
const SETTLED_FOR = 4 * 60 * 60 * 1_000;
/**
 * What a machine looks at beside its state must stay as it was for inputs up to this much older than the watermark: a late input may
 * have them applied again. Milliseconds of event time; enough for a lateness of four hours.
 */
export const APPLIED_AGAIN = 2 * SETTLED_FOR;

/** Shared by all cells that have none: never changed. */
const NO_INPUTS: never[] = [];
const NO_MARKS: Mark[] = [];

export class Cells<Input extends Timed, State, Output extends { id: string }> {
  readonly #machine: Machine<Input, State, Output>;
  readonly #leastLookback: number;
  readonly #cells = new Map<string, Cell<Input, State, Output>>();
  /** Inputs that have yielded something, to become final. */
  readonly #due = new Due<{ cell: Cell<Input, State, Output>; input: Input }>();
  /** Cells with inputs that are not at rest, by the time of the last one when it was looked at. */
  readonly #awake = new Due<Cell<Input, State, Output>>();
  /** Warm cells in the order in which they came; `#hand` is the place of the next one to go. */
  readonly #warm: Cell<Input, State, Output>[] = [];
  #hand = 0;
  #watermark = Number.NEGATIVE_INFINITY;

  constructor(machine: Machine<Input, State, Output>) {
    this.#machine = machine;
    this.#leastLookback = machine.leastLookback ?? 0;
  }

  /** Applies one input to a key. The same input (time and id) again has no effect while the cell still holds it. */
  put(key: string, input: Input, changes: Changes<Output>): void {
    const cell = this.#cells.get(key) ?? this.#add(key, null, 0);
    if (cell.inputs.length > 0 && (cell.inputs[0] as Input).time < this.#watermark - SETTLED_FOR) this.#pack(cell);
    const { inputs } = cell;
    const last = inputs[inputs.length - 1];
    if (last === undefined || byTime(last, input) < 0) {
      this.#append(cell, input, changes);
      return;
    }
    this.#look(cell);
    let place = inputs.length;
    while (place > cell.settled && byTime(inputs[place - 1] as Input, input) > 0) place--;
    if (place > cell.settled && byTime(inputs[place - 1] as Input, input) === 0) return;
    if (place === inputs.length) {
      this.#append(cell, input, changes);
      return;
    }
    inputs.splice(place, 0, input);
    this.#replay(cell, place, changes, input);
  }

  /** Takes an input back, as if it had never come. */
  remove(key: string, input: Timed, changes: Changes<Output>): void {
    const cell = this.#cells.get(key);
    if (cell === undefined) return;
    const place = cell.inputs.findLastIndex((one) => byTime(one, input) === 0);
    this.#look(cell);
    if (place < cell.settled) return;
    const [gone] = cell.inputs.splice(place, 1) as [Input];
    changes.removed.push(...(cell.outputs?.get(gone) ?? []));
    cell.outputs?.delete(gone);
    this.#replay(cell, place, changes);
    if (cell.inputs.length === 0 && cell.rest === null) this.#cells.delete(key);
  }

  /**
   * Nothing before the watermark will change any more. Returns the outputs that became final, in order of their inputs.
   * @param watermark event time; going back has no effect.
   */
  close(watermark: number): Output[] {
    this.#watermark = Math.max(watermark, this.#watermark);
    const final: { input: Input; outputs: Output[] }[] = [];
    for (let due = this.#due.take(this.#watermark); due; due = this.#due.take(this.#watermark)) {
      const { cell, input } = due;
      const outputs = cell.outputs?.get(input);
      // An input may have been taken back, or yield nothing any more.
      if (outputs === undefined) continue;
      final.push({ input, outputs });
      cell.outputs?.delete(input);
      if (cell.outputs?.size === 0) cell.outputs = null;
    }
    for (let cell = this.#awake.take(this.#watermark); cell; cell = this.#awake.take(this.#watermark)) {
      const last = cell.inputs[cell.inputs.length - 1];
      if (last !== undefined && last.time >= this.#watermark) this.#awake.add(last.time, cell);
      else this.#rest(cell);
    }
    return final.length === 0 ? [] : final.sort((a, b) => byTime(a.input, b.input)).flatMap(({ outputs }) => outputs);
  }

  /** Forgets keys that have been idle for longer than the look-back. Changes memory only: an idle key starts afresh in any case. */
  expire(): number {
    let gone = 0;
    for (const [key, cell] of this.#cells) {
      if (cell.awake || cell.headTime + this.#leastLookback >= this.#watermark) continue;
      if (cell.headTime + this.#machine.lookback(key) >= this.#watermark) continue;
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
      this.#look(cell);
      if (cell.settled === cell.inputs.length) this.#pack(cell);
      else this.#advance(cell);
      cells.push([cell.key, cell.rest, cell.restTime, cell.inputs]);
    }
    return { watermark: Number.isFinite(this.#watermark) ? this.#watermark : null, cells };
  }

  restore(snapshot: CellsSnapshot<Input>): void {
    this.#watermark = snapshot.watermark ?? Number.NEGATIVE_INFINITY;
    for (const [key, rest, restTime, inputs] of snapshot.cells) {
      const cell = this.#add(key, rest, restTime);
      if (inputs.length === 0) continue;
      cell.every = everyFor(rest);
      this.#wake(cell);
      for (const input of inputs) {
        const outputs = this.#step(cell, input, true);
        this.#hold(cell, input);
        // What was final then has gone out.
        if (input.time >= this.#watermark) this.#keep(cell, input, outputs);
      }
    }
  }

  #add(key: string, rest: string | null, restTime: number): Cell<Input, State, Output> {
    const cell: Cell<Input, State, Output> = {
      key,
      rest,
      restTime,
      inputs: NO_INPUTS,
      settled: 0,
      outputs: null,
      marks: NO_MARKS,
      every: LEAST_EVERY,
      head: null,
      headTime: restTime,
      awake: false,
      warm: false,
    };
    this.#cells.set(key, cell);
    return cell;
  }

  #append(cell: Cell<Input, State, Output>, input: Input, changes: Changes<Output>): void {
    if (cell.head === null) this.#wake(cell);
    const outputs = this.#step(cell, input, false);
    this.#hold(cell, input);
    if (outputs.length > 0) {
      this.#keep(cell, input, outputs);
      for (const output of outputs) changes.added.push(output);
    }
    const from = cell.marks.length === 0 ? 0 : (cell.marks[cell.marks.length - 1] as Mark).at;
    if (cell.inputs.length - from >= cell.every) {
      this.#mark(cell, cell.inputs.length);
      this.#look(cell);
      this.#advance(cell);
    }
  }

  #hold(cell: Cell<Input, State, Output>, input: Input): void {
    if (cell.inputs.length === 0) cell.inputs = [input];
    else cell.inputs.push(input);
    if (cell.awake) return;
    cell.awake = true;
    this.#awake.add(input.time, cell);
  }

  /** Notes what an input yields, until it is final. */
  #keep(cell: Cell<Input, State, Output>, input: Input, outputs: Output[]): void {
    if (outputs.length === 0) {
      cell.outputs?.delete(input);
      return;
    }
    cell.outputs ??= new Map();
    if (!cell.outputs.has(input)) this.#due.add(input.time, { cell, input });
    cell.outputs.set(input, outputs);
  }

  #step(cell: Cell<Input, State, Output>, input: Input, again: boolean): Output[] {
    const { headTime } = cell;
    const pause = input.time - headTime;
    if (pause > this.#leastLookback && headTime > 0 && pause > this.#machine.lookback(cell.key))
      cell.head = this.#machine.initial(cell.key);
    const outputs = this.#machine.step(cell.key, input, cell.head as State, again);
    if (pause > 0) cell.headTime = input.time;
    return outputs;
  }

  /** Makes the head of what is at rest and the first inputs after it. */
  #wake(cell: Cell<Input, State, Output>, count: number = cell.inputs.length): void {
    for (let i = this.#rewind(cell, count); i < count; i++) this.#step(cell, cell.inputs[i] as Input, true);
  }

  /** Makes the head of the last mark that holds no more than the first `count` inputs; returns how many it holds. */
  #rewind(cell: Cell<Input, State, Output>, count: number): number {
    const mark = cell.marks.findLast(({ at }) => at <= count);
    const json = mark === undefined ? cell.rest : mark.json;
    cell.head = json === null ? this.#machine.initial(cell.key) : (JSON.parse(json) as State);
    cell.headTime = mark === undefined ? cell.restTime : mark.time;
    return mark?.at ?? 0;
  }

  /**
   * Applies the inputs from a place on again.
   * @param fresh the input that has not been applied before, if any.
   */
  #replay(cell: Cell<Input, State, Output>, place: number, changes: Changes<Output>, fresh?: Input): void {
    const { inputs } = cell;
    const start = this.#rewind(cell, place);
    cell.marks = cell.marks.filter(({ at }) => at <= place);
    // An output may come several times under one id, as an alert that rises does: each is compared with its own earlier form.
    const before = new Map<string, Output[]>();
    if (cell.outputs !== null)
      for (let i = place; i < inputs.length; i++)
        for (const output of cell.outputs.get(inputs[i] as Input) ?? [])
          before.set(output.id, [...(before.get(output.id) ?? []), output]);
    for (let i = start; i < inputs.length; i++) {
      const input = inputs[i] as Input;
      // Where one input came late, another may: it need not start from so far back.
      if (i === place && i - start >= LEAST_EVERY) this.#mark(cell, i);
      const outputs = this.#step(cell, input, input !== fresh);
      if (i < place) continue;
      this.#keep(cell, input, outputs);
      for (const output of outputs) {
        const old = before.get(output.id)?.shift();
        if (old === undefined) changes.added.push(output);
        else if (JSON.stringify(old) !== JSON.stringify(output)) changes.changed.push(output);
      }
    }
    for (const outputs of before.values()) changes.removed.push(...outputs);
  }

  /** Looks which inputs are from before the watermark. */
  #look(cell: Cell<Input, State, Output>): void {
    const { inputs } = cell;
    while (cell.settled < inputs.length && (inputs[cell.settled] as Input).time < this.#watermark) cell.settled++;
  }

  /** Notes the state as it is after the first `at` inputs, to start again from. */
  #mark(cell: Cell<Input, State, Output>, at: number): void {
    const json = this.#write(cell);
    if (json === undefined) return;
    if (cell.marks.length >= MAX_MARKS) cell.marks = cell.marks.filter((_, i) => i % 2 === 1);
    if (cell.marks.length === 0) cell.marks = [];
    cell.marks.push({ at, json, time: cell.headTime });
  }

  /** The last state that only inputs from before the watermark have made is the state at rest. */
  #advance(cell: Cell<Input, State, Output>): void {
    const place = cell.marks.findLastIndex(({ at }) => at <= cell.settled);
    if (place < 0) return;
    const { at, json, time } = cell.marks[place] as Mark;
    cell.rest = json;
    cell.restTime = time;
    cell.settled -= at;
    cell.inputs = cell.settled === 0 && cell.inputs.length === at ? NO_INPUTS : cell.inputs.slice(at);
    cell.marks =
      place === cell.marks.length - 1
        ? NO_MARKS
        : cell.marks.slice(place + 1).map((mark) => ({ ...mark, at: mark.at - at }));
  }

  /** All inputs are from before the watermark. */
  #rest(cell: Cell<Input, State, Output>): void {
    cell.awake = false;
    if (this.#cells.get(cell.key) !== cell) return;
    this.#look(cell);
    this.#advance(cell);
    if (!cell.warm) this.#keepWarm(cell);
  }

  #keepWarm(cell: Cell<Input, State, Output>): void {
    cell.warm = true;
    const old = this.#warm[this.#hand];
    this.#warm[this.#hand] = cell;
    this.#hand = (this.#hand + 1) % WARM;
    if (old === undefined) return;
    old.warm = false;
    // One that is at work comes back when it rests.
    if (old.awake || this.#cells.get(old.key) !== old) return;
    this.#pack(old);
    old.head = null;
  }

  /** Brings the inputs from before the watermark into the state at rest. */
  #pack(cell: Cell<Input, State, Output>): void {
    this.#look(cell);
    if (cell.settled === 0) return;
    if (cell.settled < cell.inputs.length) {
      const { head, headTime } = cell;
      this.#wake(cell, cell.settled);
      const json = this.#write(cell);
      if (json === undefined) return;
      const time = cell.headTime;
      cell.head = head;
      cell.headTime = headTime;
      cell.marks = [{ at: cell.settled, json, time }, ...cell.marks.filter(({ at }) => at > cell.settled)];
    } else {
      const json = this.#write(cell);
      if (json === undefined) return;
      cell.marks = [{ at: cell.settled, json, time: cell.headTime }];
    }
    this.#advance(cell);
  }

  /** A state that is no JSON is a fault of the machine: the key starts afresh, the others go on. */
  #write(cell: Cell<Input, State, Output>): string | undefined {
    try {
      const json = JSON.stringify(cell.head);
      if (json !== undefined) {
        cell.every = everyFor(json);
        return json;
      }
    } catch (error) {
      this.#machine.lost?.(cell.key, error);
    }
    Object.assign(cell, { rest: null, inputs: NO_INPUTS, settled: 0, marks: NO_MARKS, head: null });
    return undefined;
  }
}

function everyFor(json: string | null): number {
  return Math.min(MOST_EVERY, Math.max(LEAST_EVERY, Math.floor((json?.length ?? 0) / BYTES_PER_INPUT)));
}
