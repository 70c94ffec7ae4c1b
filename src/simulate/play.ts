/** Plays a session: steps become timed calls, each with the history so far. */
import type { Context } from './context.ts';
import type { Call, Caller, ChatMessage, Fact, Handling } from './fact.ts';
import type { Random } from './random.ts';
import type { Failure, Step } from './script.ts';
import { camel, type Dialect, type ToolPatch, toolDefinitions, toolName } from './tools/catalogue.ts';
import type { World } from './world.ts';

/** A session that is to be played. */
export interface SessionPlan {
  /** Unique; seeds the session's own chance. */
  label: string;
  /** Epoch milliseconds at which the first message is there. */
  start: number;
  caller: Caller;
  model: string;
  system?: string | undefined;
  /** Whether the client names its conversation, and the name where a campaign sets it. */
  named: boolean;
  session?: string;
  /** Session that delegated to this one, and the trace that they share. */
  parent?: string;
  trace?: string;
  /** Capabilities offered to the model; empty for plain chats. */
  offered: readonly string[];
  dialect: Dialect;
  style: 'json' | 'text';
  me: { name: string; email: string };
  script: (context: Context) => Step[];
  /** Median seconds between an answer and the next message of the user; default 45. */
  pause?: number;
  /** Tool definitions that are not the catalogue's. */
  patches?: readonly ToolPatch[];
  handling?: Handling;
  /** Every call of the session holds the attack. */
  evil?: boolean;
  campaign?: string;
  oddity?: string;
}

/** A single fact at its time that belongs to no session: a change, a request at the edge. */
export interface FactPlan {
  label: string;
  start: number;
  /** Makes the fact; the time given is the plan's start. */
  fact: (random: Random, time: number) => Fact;
  evil?: boolean;
  campaign?: string;
  oddity?: string;
}

export type Plan = SessionPlan | FactPlan;

export interface Played {
  fact: Fact;
  start: number;
  /** Event time. */
  end: number;
  session: string;
  evil: boolean;
  /** Campaign or oddity that disturbed the call. */
  disturbed?: string;
}

/** What goes wrong with a call; `by` names the campaign or oddity behind it. */
export interface Trouble {
  failure: Failure;
  by: string;
}

/** What may go wrong with a call of this caller at this time; undefined when nothing does. */
export type Disturbance = (time: number, random: Random, caller: Caller) => Trouble | undefined;

const RANDOM_FAULTS: readonly Failure[] = [
  { code: 429, errorClass: 'RateLimitError', message: 'Rate limit reached for requests' },
  { code: 408, errorClass: 'Timeout', message: 'Request timed out.' },
  { code: 500, errorClass: 'InternalServerError', message: 'The server had an error while processing your request' },
  { code: 400, errorClass: 'ContextWindowExceededError', message: 'This model maximum context length was exceeded' },
];

const USUAL: Handling = {};

/** The one record of a plan that is no session. */
export function* playFact(plan: FactPlan, seed: Random): Generator<Played> {
  const fact = plan.fact(seed.fork(plan.label), plan.start);
  const start = fact.kind === 'change' ? fact.end : fact.start;
  yield { fact, start, end: fact.end, session: '', evil: plan.evil === true };
}

function tokensOf(messages: readonly ChatMessage[]): number {
  let characters = 0;
  for (const m of messages) {
    characters += (m.content?.length ?? 0) + 12;
    for (const call of m.tool_calls ?? [])
      characters += call.function.arguments.length + call.function.name.length + 20;
  }
  return Math.ceil(characters / 4);
}

/** Records of one session in order of time. `seed` is the simulation's stream, from which the session forks its own. */
export function* play(plan: SessionPlan, seed: Random, world: World, disturbance: Disturbance): Generator<Played> {
  const random = seed.fork(plan.label);
  const context: Context = { random, world, time: plan.start, me: plan.me, style: plan.style };
  const session = plan.named ? (plan.session ?? random.uuid()) : '';
  const ownTrace = random.uuid();
  const traceId = plan.trace ?? ownTrace;
  const tools = toolDefinitions(plan.offered, plan.dialect, plan.patches);
  const toolTokens = Math.ceil(JSON.stringify(tools).length / 4);
  const history: ChatMessage[] = plan.system === undefined ? [] : [{ role: 'system', content: plan.system }];
  let clock = plan.start;

  const call = (
    step: Exclude<Step, { kind: 'user' }>,
    reply: ChatMessage | undefined,
    failure?: Failure,
    disturbed?: string,
  ): Played => {
    const promptTokens = tokensOf(history) + toolTokens;
    const written = reply ? tokensOf([reply]) : 0;
    const completionTokens = step.kind === 'answer' && step.completionTokens ? step.completionTokens : written;
    const start = clock;
    const seconds = failure
      ? random.around(0.8, 0.8)
      : 0.4 + random.around(0.9, 0.4) + completionTokens / random.float(55, 140);
    clock = Math.round(start + Math.min(seconds, 240) * 1000);
    const model = step.kind === 'fail' && step.model ? step.model : plan.model;
    const details: Call = {
      kind: 'call',
      spanId: random.hex(16),
      id: failure ? random.uuid() : `chatcmpl-${random.token(27)}`,
      callId: random.uuid(),
      traceId,
      session,
      ...(plan.parent === undefined ? {} : { parent: plan.parent }),
      start,
      end: clock,
      caller: plan.caller,
      model,
      messages: [...history],
      tools,
      promptTokens,
      completionTokens,
      handling: plan.handling ?? USUAL,
      ...(reply ? { reply } : {}),
      ...(failure ? { failure } : {}),
      ...(step.kind === 'answer' && step.maxTokens !== undefined ? { maxTokens: step.maxTokens } : {}),
    };
    const evil = step.evil === true || plan.evil === true;
    return { fact: details, start, end: clock, session, evil, ...(disturbed === undefined ? {} : { disturbed }) };
  };

  for (const step of plan.script(context)) {
    if (step.kind === 'user') {
      if (history.some((m) => m.role === 'user')) {
        clock += Math.round(1000 * (step.pause ?? random.around(plan.pause ?? 45, 0.7)));
      }
      history.push({ role: 'user', content: step.text });
      continue;
    }
    if (step.pause !== undefined) clock += Math.round(step.pause * 1000);
    if (step.kind === 'fail') {
      yield call(step, undefined, step.failure);
      continue;
    }
    for (let tries = 0; tries < 3; tries++) {
      const trouble = disturbance(clock, random, plan.caller);
      const failure = trouble?.failure ?? (random.chance(0.006) ? random.pick(RANDOM_FAULTS) : undefined);
      if (!failure) break;
      yield call({ kind: 'fail', failure }, undefined, failure, trouble?.by);
      if (failure.final) return;
      clock += Math.round(1000 * 2 ** tries * random.float(1, 3));
    }
    if (step.kind === 'answer') {
      const reply: ChatMessage = { role: 'assistant', content: step.text };
      yield call(step, reply);
      history.push(reply);
      continue;
    }
    const made = step.uses.map((use) => ({
      use,
      id: `call_${random.token(20)}`,
      name: use.name ?? toolName(use.capability, plan.dialect),
    }));
    const reply: ChatMessage = {
      role: 'assistant',
      content: step.say ? step.say : null,
      tool_calls: made.map(({ use, id, name }) => ({
        id,
        type: 'function' as const,
        function: {
          name,
          arguments: JSON.stringify(
            plan.dialect === 'camel'
              ? Object.fromEntries(Object.entries(use.args).map(([k, v]) => [camel(k), v]))
              : use.args,
          ),
        },
      })),
    };
    yield call(step, reply);
    history.push(reply);
    for (const { use, id, name } of made) history.push({ role: 'tool', tool_call_id: id, name, content: use.result });
    clock += Math.round(1000 * random.around(0.9, 0.6) * Math.max(1, Math.sqrt(made.length)));
  }
}
