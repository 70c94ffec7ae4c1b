/** System prompt asked for, and given away: a prompt that wants the model's own instructions, and an answer that repeats them. */
import { z } from 'zod';
import { defineDetector } from '../../src/detect/contract.ts';
import type { FindingDraft } from '../../src/model/finding.ts';
import type { Observation } from '../../src/model/observation.ts';

const params = z.strictObject({
  /** Probability from which a prompt that wants the instructions is reported by itself. */
  fire: z.number().min(0).max(1).default(0.9),
  /** Probability from which it counts as asked, when an answer then repeats them. */
  asked: z.number().min(0).max(1).default(0.6),
  /** Words of the system prompt in an answer that count as given away after it was asked for. */
  words: z.number().int().min(8).default(24),
  /** And when nobody was seen to ask. */
  unasked: z.number().int().min(8).default(80),
});

interface State {
  /** Newest time at which it was asked for, who said so, and the source id. */
  asked: { time: number; id: string; chance: number } | null;
}

const COMPLY = 10 * 60 * 1_000;

export default defineDetector<State, z.infer<typeof params>>({
  id: 'prompt-leak',
  title: 'Prompt asks for the model’s instructions',
  class: 'judgment',
  maturity: 'incubating',
  severity: 'medium',
  techniques: ['AML.T0056', 'AML.T0057'],
  keys: ['session', 'principal'],
  params,
  lookback: COMPLY,
  bound: 1024,
  stateVersion: 1,
  initial: () => ({ asked: null }),
  concerns: ({ promptShown, intents }) =>
    promptShown !== undefined || (intents?.some(({ kind }) => kind === 'prompt_leak') ?? false),
  observe(observation, state, { params, key }) {
    // A call that belongs to a session is judged there.
    if (key.dimension === 'principal' && observation.session !== undefined) return [];
    const findings: FindingDraft[] = [];
    const user = wants(observation, 'user');
    const tool = wants(observation, 'tool');
    const chance = Math.max(user, tool);
    if (chance >= params.asked) state.asked = { time: observation.time, id: observation.id.slice(0, 200), chance };
    if (user >= params.fire) findings.push(reportAsked(user, false));
    else if (tool >= params.fire) findings.push(reportAsked(tool, true));
    const shown = observation.promptShown ?? 0;
    const asked = state.asked && observation.time - state.asked.time <= COMPLY ? state.asked : null;
    if (asked ? shown >= params.words : shown >= params.unasked)
      findings.push(reportShown(shown, asked, observation, tool > user));
    return findings;
  },
});

/** Probability that a message of this role wants the instructions, where that is the likeliest thing it wants. */
function wants({ intents: all = [] }: Observation, role: 'user' | 'tool'): number {
  // Turns put together make short, harmless orders look like one long demand.
  const intents = all.filter(({ decoded }) => decoded[0] !== 'joined');
  let most = 0;
  for (const { kind, score, role: by, span } of intents) {
    if (kind !== 'prompt_leak' || by !== role) continue;
    const same = intents.filter((other) => other.role === by && other.span[0] === span[0]);
    const rival = Math.max(0, ...same.filter((other) => other.kind !== 'attack').map((other) => other.score));
    if (score >= rival) most = Math.max(most, score, ...same.filter((o) => o.kind === 'attack').map((o) => o.score));
  }
  return most;
}

function reportAsked(chance: number, untrusted: boolean): FindingDraft {
  return {
    about: untrusted ? 'asked by a tool result' : 'asked',
    confidence: chance,
    severity: untrusted ? 'low' : 'medium',
    untrustedTrigger: untrusted,
    evidence: [
      {
        kind: 'intent',
        observed: `${untrusted ? 'a tool result' : 'a prompt'} asks for the instructions with probability ${chance.toFixed(2)}`,
        usual: null,
        quiet_if: 'its probability were under the threshold',
      },
    ],
  };
}

function reportShown(words: number, asked: State['asked'], { id }: Observation, untrusted: boolean): FindingDraft {
  return {
    about: 'given away',
    confidence: asked ? Math.min(0.97, 0.75 + asked.chance / 5) : 0.5,
    severity: asked ? 'high' : 'low',
    title: 'Answer repeats the system prompt',
    eventIds: asked && asked.id !== id ? [asked.id] : [],
    untrustedTrigger: untrusted,
    evidence: [
      {
        kind: 'overlap',
        observed: `the answer repeats ${words} words of the system prompt${asked ? ', which had been asked for' : ''}`,
        usual: '0 words',
        quiet_if: 'fewer of its words had stood in the answer',
      },
    ],
  };
}
