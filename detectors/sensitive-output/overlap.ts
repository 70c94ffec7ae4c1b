/** What a tool returned with secrets or many people's data in it, said again in an answer. */
import { shortName } from '../../src/detect/parts/name.ts';
import type { FindingDraft } from '../../src/model/finding.ts';
import type { Observation } from '../../src/model/observation.ts';

/** A sensitive result: its tool and its sampled shingles. Plain JSON. */
export interface Sensitive {
  tool: string;
  shingles: string[];
}

const MAX_RESULTS = 16;
/** Personal data in one result from which it is a list of people. */
const LEAST_PERSONAL = 5;
const MAX_NAME = 48;

export function remember({ artefacts, results }: Observation, sensitive: Sensitive[]): void {
  for (const result of results) {
    const own = artefacts?.filter(({ role, tool }) => role === 'tool' && tool === result.tool) ?? [];
    const isSensitive =
      own.some(({ kind, confidence }) => kind === 'secret' && confidence >= 0.8) ||
      own.filter(({ kind }) => kind === 'personal').length >= LEAST_PERSONAL;
    if (!isSensitive || result.shingles.length === 0) continue;
    sensitive.push({ tool: shortName(result.tool, MAX_NAME), shingles: result.shingles });
    if (sensitive.length > MAX_RESULTS) sensitive.shift();
  }
}

/** Adds weight to what else is found: handing a user what a tool returned is what agents are for. */
export function shownAgain(
  { answerShingles }: Observation,
  sensitive: Sensitive[],
  least: number,
): FindingDraft | undefined {
  if (!answerShingles?.length) return undefined;
  const said = new Set(answerShingles);
  for (const { tool, shingles } of sensitive) {
    const shared = shingles.filter((shingle) => said.has(shingle)).length;
    if (shared < least) continue;
    return {
      about: `overlap:${tool}`,
      signal: true,
      severity: 'low',
      confidence: 0.6,
      entities: { tool },
      evidence: [
        {
          kind: 'overlap',
          observed: `the answer repeats passages of a result of ${tool} that held secrets or many people's data (${shared} sampled shingles)`,
          usual: null,
          quiet_if: `it had repeated fewer than ${least} sampled passages`,
        },
      ],
    };
  }
  return undefined;
}
