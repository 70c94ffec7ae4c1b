/** Every detector folder is whole: its parts, its runbook's headings, its samples, and what the samples promise. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { loadDetectors } from '../../src/detect/registry.ts';
import { DETECTORS } from '../../src/replay.ts';
import { play, readSamples } from '../../src/samples.ts';

const HEADINGS = [
  'What it detects',
  'Why it matters',
  'How it decides',
  'Known gaps',
  'False positives',
  'Triage',
  'Response',
  'References',
];

const installed = await loadDetectors(DETECTORS);

it('finds every folder', () => {
  assert.deepEqual(
    installed.map(({ detector }) => detector.id),
    readdirSync(DETECTORS)
      .filter((name) => name !== 'README.md')
      .sort(),
  );
});

/** Names that every object has: a state keyed by one of them, unguarded, reaches into all objects of the process. */
const SHARED = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'];

/** What objects share, with what can be written on it. */
function shared(): string[] {
  return [Object.prototype, Object, Object.prototype.toString, Object.prototype.hasOwnProperty].flatMap((object) =>
    Object.getOwnPropertyNames(object),
  );
}

for (const one of installed) {
  const { detector } = one;
  const folder = join(DETECTORS, detector.id);
  describe(`detector ${detector.id}`, () => {
    it('has a runbook with the fixed headings', () => {
      const readme = readFileSync(join(folder, 'README.md'), 'utf8');
      const found = [...readme.matchAll(/^## (.+)$/gm)].map((match) => match[1]);
      assert.deepEqual(found, HEADINGS);
    });

    it('names techniques of ATLAS or ATT&CK', () => {
      assert.ok(detector.techniques.length > 0);
      for (const technique of detector.techniques) assert.match(technique, /^(?:AML\.)?T\d{4}(?:\.\d{3})?$/);
    });

    it('has at least three samples that fire, three that do not, and a malformed one', () => {
      assert.ok(existsSync(join(folder, 'samples.jsonl')));
      const kinds = readSamples(folder).map((sample) => sample.kind);
      assert.ok(kinds.filter((kind) => kind === 'fires').length >= 3);
      assert.ok(kinds.filter((kind) => kind === 'quiet').length >= 3);
      assert.ok(kinds.includes('malformed'));
    });

    it('keeps names that every object has apart from what objects share', () => {
      const before = shared();
      try {
        for (const name of SHARED) {
          const call = {
            id: name,
            name,
            server: name,
            arguments: JSON.stringify({ to: `${name}@example.net`, host: name }),
          };
          const event = {
            principal: name,
            credential: name,
            session: name,
            agent: name,
            agentVersion: name,
            team: name,
            endpoint: name,
            route: name,
            model: name,
            network: name,
            userAgent: name,
            errorType: name,
            tools: [{ name, description: name }],
            change: { action: 'blocked', kind: 'key', object: name },
            output: [{ role: 'assistant' as const, text: name, toolCalls: [call] }],
          };
          const denied = { ...event, status: 'denied' as const };
          play(
            {
              name,
              kind: 'malformed',
              events: [event, denied, event].map((e, i) => ({ ...e, after: i * 60_000 })),
              expect: [],
            },
            one,
          );
        }
        assert.deepEqual(shared(), before);
      } finally {
        for (const object of [Object.prototype, Object])
          for (const name of Object.getOwnPropertyNames(object))
            if (!before.includes(name)) delete (object as unknown as Record<string, unknown>)[name];
      }
    });

    for (const sample of existsSync(join(folder, 'samples.jsonl')) ? readSamples(folder) : []) {
      it(`${sample.kind}: ${sample.name}`, () => {
        const alerts = play(sample, one);
        assert.equal(
          alerts.length,
          sample.expect.length,
          JSON.stringify(alerts.map((alert) => [alert.title, alert.evidence])),
        );
        for (const [index, expected] of sample.expect.entries()) {
          for (const [field, value] of Object.entries(expected))
            assert.deepEqual(
              (alerts[index] as unknown as Record<string, unknown>)[field],
              value,
              `alert ${index + 1}: ${field}`,
            );
        }
      });
    }
  });
}
