/** A worker that is killed in the middle of an action: the next one ends the job with one effect, and the audit log stays whole. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { ResponseRecord } from '../../src/model/response.ts';
import { verifyAudit } from '../../src/respond/audit.ts';
import { AUDIT_FILE } from '../../src/respond/index.ts';
import { KEY, tempFolder } from '../respond/helpers.ts';
import { type RecordedRequest, type Recorder, startRecorder } from '../stand-ins/recorder.ts';

const PROCESS = fileURLToPath(new URL('../respond/responder-process.ts', import.meta.url));
const PLAYBOOK = `id: revoke
description: Block the key
when: { detector: [leaked-credential] }
steps: [{ action: litellm-block-key, target: credential }]
`;

interface Setting {
  far: Recorder;
  /** Runs the job in a process of its own; null when it was killed. `dieWhen` kills it when such a request has arrived. */
  run(dieWhen?: (request: RecordedRequest) => boolean): Promise<ResponseRecord | null>;
  auditEvents(): Promise<string[]>;
  blocked(): boolean;
}

async function setting(t: TestContext): Promise<Setting> {
  const data = await tempFolder(t);
  const playbooks = await tempFolder(t);
  await writeFile(join(playbooks, 'revoke.yaml'), PLAYBOOK);
  let isBlocked = false;
  let trap: ((request: RecordedRequest) => boolean) | undefined;
  let kill = (): void => undefined;
  const far = await startRecorder((request) => {
    if (request.method === 'POST') isBlocked = true;
    const body = { key: KEY.slice(7), info: { blocked: isBlocked } };
    if (!trap?.(request)) return { body };
    kill();
    return new Promise(() => undefined);
  });
  t.after(() => far.close());
  return {
    far,
    blocked: () => isBlocked,
    async run(dieWhen) {
      trap = dieWhen;
      const child = spawn(process.execPath, ['--import', 'tsx', PROCESS, data, playbooks, far.url]);
      t.after(() => child.kill('SIGKILL'));
      kill = () => child.kill('SIGKILL');
      const read = { out: '', err: '' };
      child.stdout.on('data', (chunk) => {
        read.out += chunk;
      });
      child.stderr.on('data', (chunk) => {
        read.err += chunk;
      });
      const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => {
        child.on('close', (...end) => resolve(end));
      });
      if (signal === 'SIGKILL') return null;
      assert.equal(code, 0, read.err);
      return JSON.parse(read.out) as ResponseRecord;
    },
    async auditEvents() {
      const path = join(data, AUDIT_FILE);
      assert.equal((await verifyAudit(path)).ok, true);
      const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
      return lines.map((line) => JSON.parse(line).what.event as string);
    },
  };
}

const posts = ({ far }: Setting) => far.requests.filter(({ method }) => method === 'POST').length;

test('killed after the effect, before its answer: the next worker sees it done and does not repeat it', async (t) => {
  const place = await setting(t);
  assert.equal(await place.run(({ method }) => method === 'POST'), null);
  assert.equal(place.blocked(), true);
  const second = await place.run();
  assert.equal(second?.steps[0]?.outcome, 'done');
  const third = await place.run();
  assert.equal(third?.steps[0]?.outcome, 'already');
  assert.equal(third?.id, second?.id);
  assert.equal(posts(place), 1);
  assert.deepEqual(await place.auditEvents(), ['begin', 'done', 'already']);
});

test('killed before the effect: the next worker brings it about, once', async (t) => {
  const place = await setting(t);
  assert.equal(await place.run(({ method }) => method === 'GET'), null);
  assert.equal(place.blocked(), false);
  const second = await place.run();
  assert.equal(second?.steps[0]?.outcome, 'done');
  assert.equal(posts(place), 1);
  assert.deepEqual(await place.auditEvents(), ['begin', 'done']);
});
