/** The response half put together from a configuration. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Config } from '../../src/config/schema.ts';
import { configSchema } from '../../src/config/schema.ts';
import type { ResponseRecord } from '../../src/model/response.ts';
import { verifyAudit } from '../../src/respond/audit.ts';
import { AUDIT_FILE, openResponse } from '../../src/respond/index.ts';
import { responseJobs } from '../../src/respond/playbook.ts';
import { MemoryEffects, makeAlert, tempFolder } from './helpers.ts';

const PLAYBOOKS = fileURLToPath(new URL('../../deploy/playbooks', import.meta.url));

async function opened(t: TestContext, respond: Partial<Config['respond']>) {
  const config = configSchema.parse({ data: await tempFolder(t), respond });
  const records: ResponseRecord[] = [];
  const response = await openResponse({
    config,
    effects: new MemoryEffects(),
    store: {
      async putResponse(record) {
        records.push(record);
      },
    },
    secret: async (path) => {
      throw new Error(`the secret ${path} was read`);
    },
    send: async () => {
      throw new Error('a request was sent');
    },
  });
  t.after(() => response.close());
  return { ...response, records, audit: join(config.data, AUDIT_FILE) };
}

test('by default it observes: no secret is read, nothing is sent, all is recorded and audited', async (t) => {
  const litellm = { url: 'https://llm.example.com', keyFile: 'key' };
  const { playbooks, responder, records, audit } = await opened(t, { playbooks: PLAYBOOKS, litellm });
  for (const job of responseJobs(playbooks, makeAlert())) await responder.handle(job);
  assert.equal(records[0]?.mode, 'observe');
  assert.deepEqual(
    records[0]?.steps.map(({ action, outcome }) => [action, outcome]),
    [
      ['litellm-block-key', 'observed'],
      ['webhook', 'observed'],
    ],
  );
  assert.deepEqual(await verifyAudit(audit), { ok: true, lines: 2 });
});

test('without a folder there are no playbooks', async (t) => {
  assert.deepEqual((await opened(t, {})).playbooks, []);
});

test('faults of the configuration show before anything runs', async (t) => {
  await assert.rejects(opened(t, { mode: 'enforce', playbooks: PLAYBOOKS }), {
    code: 'NJ_CONFIG',
    message: /playbook contain-toxic-flow uses webhook, which respond does not configure/,
  });
  await assert.rejects(opened(t, { playbooks: join(PLAYBOOKS, 'missing') }), { code: 'NJ_PLAYBOOK' });
  await assert.rejects(opened(t, { neverTouch: ['everything'] }), { code: 'NJ_CONFIG' });
});
