/** `nightjar new-detector`: a detector folder that passes its own test, to be filled with what it should really detect. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { NightjarError } from '../errors.ts';

export function register(program: Command): void {
  program
    .command('new-detector')
    .description('make a detector folder in this checkout, with code, samples and runbook to start from')
    .argument('<id>', 'kebab-case, for example night-shift')
    .action((id: string) => {
      if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(id))
        throw new NightjarError('NJ_USAGE', `${id} is not kebab-case`, { hint: 'for example night-shift' });
      if (!existsSync('detectors'))
        throw new NightjarError('NJ_USAGE', 'there is no folder detectors here', {
          hint: 'run it in a checkout of Nightjar',
        });
      const folder = join('detectors', id);
      if (existsSync(folder))
        throw new NightjarError('NJ_USAGE', `${folder} exists already`, { hint: 'choose another id' });
      mkdirSync(folder);
      writeFileSync(join(folder, 'detector.ts'), code(id));
      writeFileSync(join(folder, 'samples.jsonl'), samples());
      writeFileSync(join(folder, 'README.md'), runbook(id));
      process.stdout.write(
        `${folder} is made: it reports many failed calls of one principal. Edit its three files, then run\n` +
          '  node --import tsx --test test/detect/detectors.test.ts\n',
      );
    });
}

function code(id: string): string {
  return `/** Reports a principal whose calls fail again and again. Replace this with what the detector is for. */
import { z } from 'zod';
import { defineDetector } from '../../src/detect/contract.ts';

const params = z.strictObject({
  /** Failures within ten minutes that are reported. */
  failures: z.number().int().positive().default(5),
});

interface State {
  /** Times of failed calls, newest last. */
  failed: number[];
}

const MINUTE = 60 * 1_000;
const WINDOW = 10 * MINUTE;

export default defineDetector<State, z.infer<typeof params>>({
  id: '${id}',
  title: 'Calls fail again and again',
  class: 'behaviour',
  maturity: 'experimental',
  severity: 'low',
  techniques: ['AML.T0040'],
  keys: ['principal'],
  params,
  lookback: WINDOW,
  bound: 2_000,
  stateVersion: 1,
  initial: () => ({ failed: [] }),
  concerns: (observation) => observation.status === 'error',
  observe(observation, state, { params }) {
    const since = observation.time - WINDOW;
    state.failed = [...state.failed.filter((time) => time > since), observation.time].slice(-params.failures);
    if (state.failed.length < params.failures) return [];
    return [
      {
        about: 'failures',
        confidence: 0.6,
        evidence: [
          {
            kind: 'failures',
            observed: \`\${state.failed.length} failed calls within 10 minutes\`,
            usual: null,
            quiet_if: \`there had been fewer than \${params.failures}\`,
          },
        ],
      },
    ];
  },
});
`;
}

function samples(): string {
  const line = (name: string, kind: string, events: object[], expect: object[] = []) =>
    JSON.stringify({ name, kind, events, expect });
  const failed = { principal: 'ada', status: 'error' };
  return [
    line('five failures in a row', 'fires', [{ times: 5, ...failed }], [{ severity: 'low' }]),
    line(
      'five failures just within ten minutes',
      'fires',
      [{ times: 5, after: 149_000, ...failed }],
      [{ event_ids: ['e5'] }],
    ),
    line('more failures are the same alert', 'fires', [{ times: 20, ...failed }], [{ severity: 'low' }]),
    line('four failures', 'quiet', [{ times: 4, ...failed }]),
    line('failures spread over an hour', 'quiet', [{ times: 10, after: 360_000, ...failed }]),
    line('failures of different people', 'quiet', [{ times: 10, principal: 'user-{n}', status: 'error' }]),
    line('failures without a caller', 'malformed', [{ times: 10, status: 'error' }]),
  ]
    .map((text) => `${text}\n`)
    .join('');
}

function runbook(id: string): string {
  return `# ${id}

## What it detects

A principal with five failed calls within ten minutes.

## Why it matters

Say what an attacker gains, and what it costs to look away.

## How it decides

Counts failed calls per principal in a sliding window of event time.

## Known gaps

Failures spread over more than ten minutes, or over several principals.

## False positives

An outage of the model provider.

## Triage

1. Look at the principal's calls in the ten minutes before the alert: do they fail with one error or with several?
2. Compare with other principals in the same ten minutes: an outage hits all of them.

## Response

Tell the owner of the principal. Nothing is to be cut off.

## References

- MITRE ATLAS AML.T0040, AI Model Inference API Access
`;
}
