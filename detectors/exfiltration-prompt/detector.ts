/** Exfiltration-style prompts: text that asks the model for secrets or other people's data, takes it over, or lifts its limits to that end. */
import { z } from 'zod';
import { defineDetector } from '../../src/detect/contract.ts';
import { shortName } from '../../src/detect/parts/name.ts';
import type { FindingDraft, Severity } from '../../src/model/finding.ts';
import type { Observation, ObservedCall } from '../../src/model/observation.ts';
import { type History, note, reportHistory } from './history.ts';

const params = z.strictObject({
  /** Probability from which one message is reported by itself. */
  fire: z.number().min(0).max(1).default(0.9),
  /** Probability from which a message counts as an attempt. */
  attempt: z.number().min(0).max(1).default(0.8),
  /** Attempts within the window that are reported together. */
  attempts: z.number().int().min(2).default(3),
  /** Attempts of one principal, faded with a half-life of 24 hours, beyond what is usual for so many messages. */
  adding: z.number().min(1).default(4),
});

interface Attempt {
  time: number;
  id: string;
  chance: number;
}

interface State {
  attempts: Attempt[];
  history: History | null;
}

const MINUTE = 60 * 1_000;
const DAY = 24 * 60 * MINUTE;
const WINDOW = 30 * MINUTE;
const COMPLY = 10 * MINUTE;
const MAX_ATTEMPTS = 16;

/** What a prompt of each intent tries; prompts that want the prompt are the matter of prompt-leak. */
const TITLES: Record<string, string> = {
  exfiltration: 'Prompt asks for data and to send it out',
  injection: 'Prompt tries to take the model over',
  jailbreak: "Prompt tries to lift the model's limits",
  encoding: 'Prompt hides what it asks for',
};

export default defineDetector<State, z.infer<typeof params>>({
  id: 'exfiltration-prompt',
  title: 'Prompt asks for data and to send it out',
  class: 'judgment',
  maturity: 'incubating',
  severity: 'medium',
  techniques: ['AML.T0057', 'AML.T0051', 'AML.T0054', 'T1567'],
  keys: ['session', 'principal'],
  params,
  lookback: 5 * DAY,
  bound: 8 * 1024,
  stateVersion: 2,
  initial: () => ({ attempts: [], history: null }),
  concerns: (observation) => observation.intents !== undefined || observation.calls.some(sendsOut),
  observe(observation, state, { params, key }) {
    const user = judge(observation, 'user', params.fire);
    const findings: FindingDraft[] = [];
    if (key.dimension === 'principal') {
      state.history = note(state.history, observation, user && user.chance >= params.attempt ? user.chance : 0);
      if (user && user.chance >= params.attempt && user.chance < params.fire) {
        const added = reportHistory(state.history, params.adding);
        if (added) findings.push({ ...added, title: TITLES[user.intent] as string });
      }
      // A call that belongs to a session is judged there; what follows is for logs without sessions.
      if (observation.session !== undefined) return findings;
    }
    const tool = judge(observation, 'tool', params.fire);
    state.attempts = state.attempts.filter((attempt) => observation.time - attempt.time <= WINDOW);
    if (user && user.chance >= params.fire) findings.push(report(user, 'medium', 'a prompt'));
    // What a tool returned is an attempt on the agent; that the agent obeyed is for other detectors to say.
    if (tool && tool.chance >= params.fire) {
      const low = report(tool, 'low', 'a tool result');
      findings.push({ ...low, about: `tool-result:${low.about}`, untrustedTrigger: true });
    }
    if (user && user.chance >= params.attempt) {
      const attempt = { time: observation.time, id: observation.id, chance: user.chance };
      state.attempts = [...state.attempts, attempt].slice(-MAX_ATTEMPTS);
      if (user.chance < params.fire && state.attempts.length >= params.attempts)
        findings.push(reportSeries(state.attempts, user));
    }
    const obeyed = observation.calls.find((call) => sendsOut(call) && carries(call));
    const attempt = state.attempts.findLast(
      ({ time, id }) => observation.time - time <= COMPLY && id !== observation.id,
    );
    if (attempt && obeyed) findings.push(reportObeyed(attempt, obeyed));
    return findings;
  },
});

const DESTINATIONS = new Set(['email', 'url', 'host', 'address', 'account']);

/** A call that sends something to a destination which the user gave. */
function sendsOut(call: ObservedCall): boolean {
  return (
    (call.labels.sink ?? 0) >= 0.5 && call.atoms.some((atom) => DESTINATIONS.has(atom.kind) && atom.from.by === 'user')
  );
}

/** What it sends came out of a tool. */
function carries(call: ObservedCall): boolean {
  return call.atoms.some((atom) => atom.from.by === 'tool');
}

interface Judgement {
  /** Probability that the message is an attack of any kind. */
  chance: number;
  /** The likeliest kind. */
  intent: string;
  decoded: string[];
}

/** The message of this role that is likeliest an attack; undefined when none may be, or when it wants the prompt more than anything else. */
function judge({ intents = [] }: Observation, role: 'user' | 'tool', fire: number): Judgement | undefined {
  let best: Judgement | undefined;
  for (const { kind, score, role: by, span, decoded } of intents) {
    if (kind !== 'attack' || by !== role || (best && best.chance >= score)) continue;
    // Turns put together say again what each said: they count only where they say it plainly.
    if (decoded[0] === 'joined' && score < fire) continue;
    const same = intents.filter((other) => other.role === by && other.kind !== 'attack' && other.span[0] === span[0]);
    const likeliest = same.reduce((a, b) => (b.score > a.score ? b : a), { kind: 'exfiltration', score: 0 });
    best = { chance: score, intent: likeliest.kind, decoded };
  }
  return best && best.intent in TITLES ? best : undefined;
}

function report({ chance, intent, decoded }: Judgement, severity: Severity, where: string): FindingDraft {
  const read = decoded.length > 0 ? `, read through ${decoded.join(', ')}` : '';
  return {
    about: intent,
    confidence: chance,
    severity,
    title: TITLES[intent] as string,
    evidence: [
      {
        kind: 'intent',
        observed: `${where} reads as ${intent} with probability ${chance.toFixed(2)}${read}`,
        usual: null,
        quiet_if: 'its probability were under the threshold',
      },
    ],
  };
}

function reportSeries(attempts: Attempt[], { intent }: Judgement): FindingDraft {
  return {
    about: 'repeated-attempts',
    confidence: 1 - attempts.reduce((quiet, { chance }) => quiet * (1 - chance / 2), 1),
    severity: 'medium',
    title: TITLES[intent] as string,
    eventIds: attempts.map(({ id }) => id),
    evidence: [
      {
        kind: 'repeated-attempts',
        observed: `${attempts.length} attempts within 30 minutes, the last of them ${intent}`,
        usual: null,
        quiet_if: 'there had been fewer attempts within 30 minutes',
      },
    ],
  };
}

function reportObeyed(attempt: Attempt, call: ObservedCall): FindingDraft {
  const destination = call.resources[0] ?? null;
  return {
    about: `obeyed:${shortName(call.tool, 64)}`,
    confidence: Math.min(0.95, 0.6 + attempt.chance / 3),
    severity: 'high',
    title: 'Prompt asked for data to be sent out, and it was',
    eventIds: [attempt.id],
    entities: { tool: call.tool, resource: destination },
    evidence: [
      {
        kind: 'obeyed',
        observed: `within 10 minutes of an attempt of probability ${attempt.chance.toFixed(2)}, ${shortName(call.tool, 64)} sent what a tool had returned to ${destination ?? 'a destination of the prompt'}`,
        usual: null,
        quiet_if: 'nothing that a tool returned had been sent to a destination of the prompt',
      },
    ],
  };
}
