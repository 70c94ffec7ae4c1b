/** What LiteLLM logs of a guardrail's work: a verdict per guardrail, and from Bedrock how many characters it covered. */
import type { Event } from '../model/event.ts';
import { amount, arr, isObj, type Obj, obj } from './read.ts';

/** Undefined when no guardrail ran. A guardrail that failed to answer gave no verdict. */
export function readGuardrailScan(unit: Obj): Event['guardrailScan'] | undefined {
  const ran = arr(unit.guardrail_information).filter(isObj).filter(hasVerdict);
  if (ran.length === 0) return undefined;
  const scan: NonNullable<Event['guardrailScan']> = {
    passed: ran.every(({ guardrail_status: status }) => status === 'success'),
  };
  const covered = ran.map(charactersOf);
  // One that does not count leaves open what it read.
  if (covered.every((count) => count !== undefined)) scan.characters = covered.reduce((sum, count) => sum + count, 0);
  return scan;
}

function hasVerdict({ guardrail_status: status }: Obj): boolean {
  return status === 'success' || status === 'guardrail_intervened' || status === 'guardrail_flagged';
}

function charactersOf({ guardrail_response: response }: Obj): number | undefined {
  const answers = (Array.isArray(response) ? response : [response]).filter(isObj);
  const counts = answers.map((answer) => amount(obj(obj(answer.guardrailCoverage).textCharacters).guarded));
  const known = counts.filter((count) => count !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, count) => sum + count, 0);
}
