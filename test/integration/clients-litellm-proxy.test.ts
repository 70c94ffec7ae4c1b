/** A running LiteLLM proxy whose generic_api logger posts to the intake, configured as the README says. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { openIntake, TOKEN } from '../clients/intake.ts';
import { optional } from '../clients/optional.ts';
import { litellmPython, startLitellm } from '../services/litellm.ts';
import { until } from '../source/collector.ts';

const KEY = 'sk-test-master-key';

/** The README's block of settings, with the address and the token of this test. */
function documented(origin: string): Record<string, unknown> {
  const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');
  const block = /```yaml\n(litellm_settings:[\s\S]*?)```/.exec(readme)?.[1];
  assert.ok(block, 'the README shows the settings');
  return parse(block.replace('http://127.0.0.1:4620', origin).replace('<token>', TOKEN));
}

test('calls through a running proxy: who, with which key, in which session; under pressure the logger comes again and nothing is lost', {
  timeout: 400_000,
}, async (t) => {
  const python = await optional(t, 'Python with litellm[proxy] of PyPI', litellmPython);
  if (python === undefined) return;
  const intake = await openIntake(t, { maxBacklog: 1 });
  const config = {
    model_list: [
      {
        model_name: 'house-model',
        litellm_params: { model: 'openai/gpt-4o-mini', api_key: 'none', mock_response: 'Snow.' },
      },
    ],
    general_settings: { master_key: KEY },
    ...documented(intake.origin),
  };
  const proxy = await startLitellm(python, JSON.stringify(config));
  t.after(() => proxy.stop());
  const call = async (question: string, key = KEY, model = 'house-model') => {
    const answer = await fetch(`${proxy.address}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        model,
        user: 'end-user-7',
        litellm_session_id: 'session-9',
        messages: [{ role: 'user', content: question }],
      }),
    });
    return { status: answer.status, body: (await answer.json()) as { id: string } };
  };
  const first = await call('Weather in Bern – now?');
  assert.equal(first.status, 200, JSON.stringify(first.body));
  await until(() => intake.spool.records.length === 1, 'the first record', 30_000);

  // One record waits and no more may: the intake refuses until it has been passed.
  const second = await call('And in Thun?');
  assert.equal(second.status, 200);
  await until(() => intake.refused.includes(503), 'a refusal', 30_000);
  assert.equal(intake.spool.records.length, 1);
  const { events, errors } = intake.decoded();
  await intake.source.commit(new Map([['intake', 1]]));
  await until(() => intake.spool.records.length === 1 && intake.spool.records[0]?.position === 1, 'the second', 60_000);
  const all = [...events, ...intake.decoded().events];
  assert.deepEqual([...errors, ...intake.decoded().errors], []);
  assert.deepEqual(
    all.map(({ id }) => id),
    [first.body.id, second.body.id],
  );
  for (const [i, event] of all.entries()) {
    assert.equal(event.format, 'litellm');
    assert.equal(event.status, 'ok');
    assert.equal(event.principal, 'end-user-7');
    assert.equal(event.session, 'session-9');
    assert.match(event.credential ?? '', /^sha256:/);
    assert.ok(!JSON.stringify(event).includes(KEY), 'no key');
    assert.equal(event.clientAddress, '127.0.0.1');
    assert.equal(event.input[0]?.text, ['Weather in Bern – now?', 'And in Thun?'][i]);
    assert.equal(event.output[0]?.text, 'Snow.');
    assert.ok((event.inputTokens ?? 0) > 0);
  }
});
