/** Hidden text: characters that people do not see and models read, in a prompt, in what a tool returned, or in an answer. */
import { z } from 'zod';
import { defineDetector } from '../../src/detect/contract.ts';
import { shortName } from '../../src/detect/parts/name.ts';
import type { FindingDraft } from '../../src/model/finding.ts';
import type { ObservedArtefact } from '../../src/model/observation.ts';

const params = z.strictObject({
  /** Hidden characters in one message from which it is reported. */
  characters: z.number().int().min(10).default(10),
});

const HOUR = 60 * 60 * 1_000;
const MAX_NAME = 64;

export default defineDetector<Record<string, never>, z.infer<typeof params>>({
  id: 'hidden-text',
  title: 'Message holds characters that nobody sees',
  class: 'artifact',
  maturity: 'incubating',
  severity: 'medium',
  techniques: ['AML.T0051', 'AML.T0068', 'T1027.010'],
  keys: ['session', 'principal', 'tenant'],
  params,
  lookback: HOUR,
  bound: 2,
  stateVersion: 1,
  initial: () => ({}),
  concerns: ({ artefacts, session, principal }, dimension) =>
    artefacts?.some(({ kind }) => kind === 'hidden') === true &&
    dimension === (session !== undefined ? 'session' : principal !== undefined ? 'principal' : 'tenant'),
  observe(observation, _state, { params }) {
    const found = (observation.artefacts ?? []).filter(
      ({ kind, count = 0 }) => kind === 'hidden' && count >= params.characters,
    );
    return found.map((artefact) => report(artefact, params.characters));
  },
});

function report(artefact: ObservedArtefact, least: number): FindingDraft {
  const { role, tool, argument, type, count = 0, spells, fingerprint } = artefact;
  const where = argument
    ? `the arguments of ${shortName(tool ?? 'a tool', MAX_NAME)}`
    : tool
      ? `a result of ${shortName(tool, MAX_NAME)}`
      : NAMES[role];
  return {
    about: `print:${fingerprint}:${role}`,
    severity: spells ? 'high' : 'medium',
    confidence: artefact.confidence,
    ...(spells && { title: 'Message holds a text that nobody sees' }),
    ...(tool !== undefined && { entities: { tool: shortName(tool, MAX_NAME) } }),
    // The victim of a document with hidden orders is not the one who wrote them.
    ...(role === 'tool' && { untrustedTrigger: true }),
    evidence: [
      {
        kind: 'hidden-characters',
        observed: `${count} ${KINDS[type] ?? 'invisible characters'} in ${where}${spells ? `, which spell a text (${artefact.decoded.join(', ')})` : ''}`,
        usual: 'none in ordinary writing',
        quiet_if: `there had been fewer than ${least}`,
      },
    ],
  };
}

const KINDS: Record<string, string> = {
  tags: 'tag characters',
  bidi: 'characters that turn the direction of text',
  invisible: 'invisible characters',
};
const NAMES = { user: 'a prompt', assistant: 'an answer', tool: 'a tool result', system: 'a system prompt' };
