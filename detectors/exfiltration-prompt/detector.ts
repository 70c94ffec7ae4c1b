/** Exfiltration-style prompts: text that asks the model for secrets, other people's data or its own prompt, and to send them out. */
import { z } from 'zod';
import { defineDetector } from '../../src/detect/contract.ts';
import { shortName } from '../../src/detect/parts/name.ts';
import type { FindingDraft, Severity } from '../../src/model/finding.ts';
import type { ContentSignal, Observation, ObservedCall } from '../../src/model/observation.ts';
import weights from './weights.json' with { type: 'json' };

const params = z.strictObject({
  /** Score of one message from which it is reported by itself. */
  fire: z.number().min(0).max(1).default(0.8),
  /** Score from which a message counts as an attempt. */
  attempt: z.number().min(0).max(1).default(0.5),
  /** Attempts within the window that are reported together. */
  attempts: z.number().int().min(2).default(3),
});

interface Attempt {
  time: number;
  id: string;
  score: number;
}

interface State {
  attempts: Attempt[];
}

const MINUTE = 60 * 1_000;
const WINDOW = 30 * MINUTE;
const COMPLY = 10 * MINUTE;
const MAX_ATTEMPTS = 16;

export default defineDetector<State, z.infer<typeof params>>({
  id: 'exfiltration-prompt',
  title: 'Prompt asks for data and to send it out',
  class: 'judgment',
  maturity: 'incubating',
  severity: 'medium',
  techniques: ['AML.T0057', 'AML.T0051', 'AML.T0056', 'T1567'],
  keys: ['session', 'principal'],
  params,
  lookback: WINDOW,
  bound: 8 * 1024,
  stateVersion: 1,
  initial: () => ({ attempts: [] }),
  concerns: (observation) =>
    observation.signals.some((signal) => signal.kind in weights.kinds) || observation.calls.some(sendsOut),
  observe(observation, state, { params, key }) {
    // A call that belongs to a session is judged there; the principal's count is for logs without sessions.
    if (key.dimension === 'principal' && observation.session !== undefined) return [];
    const user = judge(observation, 'user');
    const tool = judge(observation, 'tool');
    state.attempts = state.attempts.filter((attempt) => observation.time - attempt.time <= WINDOW);
    const findings: FindingDraft[] = [];
    if (user.score >= params.fire) findings.push(report(user, 'medium', 'a prompt'));
    // What a tool returned is an attempt on the agent; that the agent obeyed is for other detectors to say.
    if (tool.score >= params.fire) {
      const low = report(tool, 'low', 'a tool result');
      findings.push({ ...low, about: `tool-result:${low.about}`, untrustedTrigger: true });
    }
    if (user.score >= params.attempt) {
      state.attempts = [...state.attempts, { time: observation.time, id: observation.id, score: user.score }].slice(
        -MAX_ATTEMPTS,
      );
      if (user.score < params.fire && state.attempts.length >= params.attempts)
        findings.push(reportSeries(state.attempts, user));
    }
    const obeyed = observation.calls.filter((call) => sendsOut(call) && carries(call));
    const attempt = state.attempts.findLast(
      ({ time, id }) => observation.time - time <= COMPLY && id !== observation.id,
    );
    if (attempt && obeyed[0]) findings.push(reportObeyed(attempt, obeyed[0]));
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

function reportObeyed(attempt: Attempt, call: ObservedCall): FindingDraft {
  return {
    about: `obeyed:${shortName(call.tool, 64)}`,
    confidence: Math.min(0.95, 0.6 + attempt.score / 3),
    severity: 'high',
    title: 'Prompt asked for data to be sent out, and it was',
    eventIds: [attempt.id],
    entities: { tool: call.tool, resource: call.resources[0] ?? null },
    evidence: [
      {
        kind: 'obeyed',
        observed: `within 10 minutes of an attempt scored ${attempt.score.toFixed(2)}, ${shortName(call.tool, 64)} sent what a tool had returned to ${call.resources[0] ?? 'a destination of the prompt'}`,
        usual: null,
        quiet_if: 'nothing that a tool returned had been sent to a destination of the prompt',
      },
    ],
  };
}

interface Judgement {
  score: number;
  kinds: string[];
}

/** Distinct kinds of signal, each counted once at its best, combined as independent evidence (noisy-or), weighed by who speaks. */
function judge(observation: Observation, role: 'user' | 'tool'): Judgement {
  const best = new Map<string, number>();
  for (const signal of observation.signals) {
    const weight = weightOf(signal, role);
    if (weight > 0) best.set(signal.kind, Math.max(best.get(signal.kind) ?? 0, weight));
  }
  let quiet = 1;
  for (const weight of best.values()) quiet *= 1 - weight;
  return { score: 1 - quiet, kinds: [...best.keys()].sort() };
}

function weightOf(signal: ContentSignal, role: 'user' | 'tool'): number {
  if (signal.role !== role) return 0;
  const kind = (weights.kinds as Record<string, number>)[signal.kind] ?? 0;
  return Math.min(0.95, signal.score * kind * weights.roles[role] * (signal.decoded.length > 0 ? weights.encoded : 1));
}

function report(judgement: Judgement, severity: Severity, where: string): FindingDraft {
  return {
    about: judgement.kinds.join('+'),
    confidence: judgement.score,
    severity,
    evidence: [
      {
        kind: 'content-signals',
        observed: `${where} carries ${judgement.kinds.join(', ')}`,
        usual: null,
        quiet_if: `its score of ${judgement.score.toFixed(2)} were under the threshold`,
      },
    ],
  };
}

function reportSeries(attempts: Attempt[], last: Judgement): FindingDraft {
  return {
    about: 'repeated-attempts',
    confidence: 1 - attempts.reduce((quiet, attempt) => quiet * (1 - attempt.score / 2), 1),
    severity: 'medium',
    eventIds: attempts.map((attempt) => attempt.id),
    evidence: [
      {
        kind: 'repeated-attempts',
        observed: `${attempts.length} attempts within 30 minutes, the last with ${last.kinds.join(', ')}`,
        usual: null,
        quiet_if: 'there had been fewer attempts within 30 minutes',
      },
    ],
  };
}
