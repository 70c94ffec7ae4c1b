/** What a guardrail says of its own work in LiteLLM's log. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { readGuardrailScan } from '../../src/format/guardrail-scan.ts';

const entry = (status: string, guarded?: number) => ({
  guardrail_name: 'g',
  guardrail_status: status,
  ...(guarded === undefined
    ? {}
    : { guardrail_response: { action: 'NONE', guardrailCoverage: { textCharacters: { guarded, total: 90 } } } }),
});

it('is absent where no guardrail gave a verdict', () => {
  for (const guardrail_information of [
    undefined,
    null,
    [],
    {},
    'x',
    [entry('not_run')],
    [entry('guardrail_failed_to_respond')],
    [null, 3],
  ])
    assert.equal(readGuardrailScan({ guardrail_information }), undefined);
});

it('has the verdict, and the characters where every guardrail counts them', () => {
  assert.deepEqual(readGuardrailScan({ guardrail_information: [entry('success')] }), { passed: true });
  assert.deepEqual(readGuardrailScan({ guardrail_information: [entry('success', 0)] }), {
    passed: true,
    characters: 0,
  });
  assert.deepEqual(
    readGuardrailScan({ guardrail_information: [entry('success', 40), entry('guardrail_intervened', 2)] }),
    {
      passed: false,
      characters: 42,
    },
  );
  assert.deepEqual(readGuardrailScan({ guardrail_information: [entry('success', 0), entry('success')] }), {
    passed: true,
  });
});

it('adds up the answers of one guardrail', () => {
  const many = {
    ...entry('success'),
    guardrail_response: [
      { guardrailCoverage: { textCharacters: { guarded: 3 } } },
      { guardrailCoverage: { textCharacters: { guarded: 4 } } },
    ],
  };
  assert.deepEqual(readGuardrailScan({ guardrail_information: [many] }), { passed: true, characters: 7 });
});
