/** All kinds of agents, and a script for one of their tasks. */
import type { Context } from '../context.ts';
import type { Step } from '../script.ts';
import type { Kind } from './kinds.ts';
import { OFFICE } from './office.ts';
import { SERVICE } from './service.ts';
import { TECHNICAL } from './technical.ts';

/** The first ones come first when an organisation has few agents. */
export const TASKS = {
  support: SERVICE.support,
  inbox: OFFICE.inbox,
  operator: TECHNICAL.operator,
  coder: TECHNICAL.coder,
  payables: SERVICE.payables,
  analyst: TECHNICAL.analyst,
  sales: OFFICE.sales,
  personnel: OFFICE.personnel,
  marketing: OFFICE.marketing,
  ledger: TECHNICAL.ledger,
} as const satisfies Record<string, Kind>;

export type TaskKind = keyof typeof TASKS;

/** Steps of one ordinary task of this kind of agent. */
export function taskScript(context: Context, kind: TaskKind): Step[] {
  return context.random.weighted(TASKS[kind].tasks as Kind['tasks'])(context);
}
