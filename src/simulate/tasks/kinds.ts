/** A kind of agent: its brief, its tools, and the tasks it is given. */
import type { Context } from '../context.ts';
import type { Step } from '../script.ts';

export type Task = (context: Context) => Step[];

export interface Kind {
  name: string;
  team: string;
  prompt: string;
  /** Capabilities that its tasks use. */
  uses: string[];
  /** Capabilities that it may also have been given. */
  extras: string[];
  perDay: number;
  roundTheClock: boolean;
  tasks: readonly (readonly [number, Task])[];
}
