/** Live secrets in answers, and in what agents hand to tools that send. */
import { shortName } from '../../src/detect/parts/name.ts';
import { secretId } from '../../src/detect/parts/secret-id.ts';
import type { FindingDraft } from '../../src/model/finding.ts';
import type { Observation, ObservedArtefact } from '../../src/model/observation.ts';

/** [fingerprint, who said it first: the user, or the tool's name]. Plain JSON. */
export type Said = [fingerprint: string, by: string];

const MAX_SAID = 128;
const MAX_NAME = 48;
const USER = 'the user';

/** Remembers who said a secret first in this conversation. */
export function whoSaid({ artefacts }: Observation, said: Said[]): void {
  for (const artefact of artefacts ?? []) {
    if (artefact.kind !== 'secret' || artefact.role === 'assistant') continue;
    if (said.some(([fingerprint]) => fingerprint === artefact.fingerprint)) continue;
    said.push([artefact.fingerprint, speakerOf(artefact)]);
    if (said.length > MAX_SAID) said.shift();
  }
}

function speakerOf({ role, tool }: ObservedArtefact): string {
  return role === 'tool' ? shortName(tool ?? 'a tool', MAX_NAME) : USER;
}

export function secretsOut(
  observation: Observation,
  said: Said[],
  params: { secret: number; severeSecret: number },
): FindingDraft[] {
  const findings: FindingDraft[] = [];
  const secrets = (observation.artefacts ?? []).filter(({ kind }) => kind === 'secret');
  for (const artefact of secrets) {
    if (artefact.role !== 'assistant' || artefact.confidence < params.secret) continue;
    const by = saidBy(artefact, secrets, said);
    if (artefact.argument) {
      // A key that an agent was given for its work is handed to tools all day; sending a severe one off is another matter.
      if (artefact.confidence < params.severeSecret || by === USER || !isSent(observation, artefact.tool)) continue;
    }
    findings.push(report(artefact, by, params.severeSecret));
  }
  return findings;
}

function saidBy(artefact: ObservedArtefact, secrets: ObservedArtefact[], said: Said[]): string | undefined {
  const here = secrets.find(({ role, fingerprint }) => role !== 'assistant' && fingerprint === artefact.fingerprint);
  if (here) return speakerOf(here);
  return said.find(([fingerprint]) => fingerprint === artefact.fingerprint)?.[1];
}

function isSent({ calls }: Observation, tool: string | undefined): boolean {
  return calls.some((call) => call.tool === tool && (call.labels.sink ?? 0) >= 0.5);
}

function report(artefact: ObservedArtefact, by: string | undefined, severe: number): FindingDraft {
  const { type, confidence, decoded, argument, tool } = artefact;
  const where = argument ? `the arguments of ${shortName(tool ?? 'a tool', MAX_NAME)}` : 'an answer';
  return {
    about: `secret:${artefact.fingerprint}${argument ? `:${shortName(tool ?? '', MAX_NAME)}` : ''}`,
    title: argument ? 'Secret is sent out by a tool' : 'Answer holds a secret',
    // Telling a user the password that a tool looked up for them is what they asked for, as a rule.
    severity:
      by === USER || (by !== undefined && confidence < severe) ? 'low' : confidence >= severe ? 'high' : 'medium',
    confidence,
    entities: {
      credential: secretId(artefact) ?? null,
      ...(argument && tool !== undefined && { tool: shortName(tool, MAX_NAME) }),
    },
    evidence: [
      {
        kind: 'secret',
        observed: `${type} in ${where}${decoded.length > 0 ? `, written as ${decoded.join(', ')}` : ''}; ${by === undefined ? 'nobody had said it before in what is known of this conversation' : `first said by ${by}`}`,
        usual: 'answers hold no secrets',
        quiet_if: 'the value were a documented example, or the user had said it first (then low)',
      },
    ],
  };
}
