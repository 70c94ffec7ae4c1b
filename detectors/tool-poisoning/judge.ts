/** What the facts of a tool's definition amount to: by themselves, and as a difference from the definition that was known. */
import type { Severity } from '../../src/model/finding.ts';
import type { ToolFact } from '../../src/model/observation.ts';

export interface Verdict {
  severity: Severity;
  confidence: number;
}

/** What each fact is called in evidence. */
export const WORDS: Record<ToolFact, string> = {
  hidden: 'holds characters that people do not see',
  conceals: 'wants something kept from the user',
  orders: 'orders the model beyond its own use',
  alters: 'changes what happens when something else is called',
  refers: 'names another tool',
  credential: 'names a place where secrets lie',
  grabs: 'wants the content of such a place passed on',
  'asks-secret': 'asks for a secret in a parameter',
  'asks-context': 'asks for the conversation or the prompt in a parameter',
  sink: 'has something sent to an address',
};

/** Whatever the history: wording that no honest definition has together. */
export function poisoned(facts: readonly ToolFact[]): Verdict | undefined {
  const has = (fact: ToolFact) => facts.includes(fact);
  if (has('hidden')) return { severity: 'high', confidence: 0.9 };
  if (has('conceals') && (has('grabs') || has('sink') || has('asks-secret') || has('asks-context')))
    return { severity: 'high', confidence: 0.9 };
  if (has('conceals') && (has('credential') || (has('alters') && has('refers'))))
    return { severity: 'high', confidence: 0.85 };
  if (has('alters') && has('sink')) return { severity: 'high', confidence: 0.8 };
  if (has('grabs') && has('orders')) return { severity: 'high', confidence: 0.8 };
  if (has('conceals') && has('orders')) return { severity: 'low', confidence: 0.4 };
  return undefined;
}

/**
 * A definition that changed although nothing was deployed.
 * @param added facts that the known definition did not have.
 */
export function changed(added: readonly ToolFact[]): Verdict | undefined {
  const has = (fact: ToolFact) => added.includes(fact);
  if (has('hidden') || has('grabs') || has('sink')) return { severity: 'high', confidence: 0.8 };
  const asks = has('asks-secret') || has('asks-context');
  if ((has('conceals') || asks || has('credential')) && added.length > 1) return { severity: 'high', confidence: 0.75 };
  if (has('alters') && has('refers')) return { severity: 'high', confidence: 0.7 };
  if (has('conceals') || asks || has('credential')) return { severity: 'medium', confidence: 0.6 };
  if (has('orders') && has('refers')) return { severity: 'medium', confidence: 0.55 };
  return undefined;
}

/** One step less: many tools changed at once, as with a deploy that the log does not name. */
export function lessened(verdict: Verdict | undefined): Verdict | undefined {
  if (verdict?.severity !== 'high') return undefined;
  return { severity: 'medium', confidence: verdict.confidence - 0.2 };
}
