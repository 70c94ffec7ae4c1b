/** Files and standard input as a source. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { NightjarError } from '../../src/errors.ts';
import { FileSource, type FileSourceOptions } from '../../src/source/file.ts';
import { Collector } from './collector.ts';

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'nightjar-file-'));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** Runs one file to its end; returns values by position. */
async function read(t: TestContext, content: string | Buffer, options: FileSourceOptions = {}, name = 'a.jsonl') {
  const path = join(await folder(t), name);
  await writeFile(path, content);
  const collector = new Collector();
  await new FileSource([path], options).run(collector);
  const records = collector.batches.flatMap((batch) => batch.records);
  return { collector, path, found: records.map((r) => [r.position, String(r.value)]), records };
}

test('lines: byte order mark, CRLF, empty lines, and a last line without an end', async (t) => {
  const { found, collector, path } = await read(t, '\uFEFF{"a":1}\r\n\r\n  \n{"b":"ä"}\n\n{"c":3}');
  assert.deepEqual(found, [
    [0, '{"a":1}'],
    [3, '{"b":"ä"}'],
    [5, '{"c":3}'],
  ]);
  assert.equal(collector.next.get(path), 6);
  assert.ok(collector.batches.at(-1)?.caughtUp);
  assert.deepEqual(collector.assignments, [[path]]);
  assert.deepEqual(collector.revocations, [[path]]);
});

test('a broken line does not hide the ones behind it', async (t) => {
  for (const broken of ['{"a": "unfinished', '{"a":1', 'not json', '[1,2', '{"a":1}}']) {
    const { found } = await read(t, `${broken}\n{"b":2}\n{"c":3}\n`);
    assert.deepEqual(
      found.map(([, value]) => value),
      [broken, '{"b":2}', '{"c":3}'],
      broken,
    );
  }
});

test('many lines come in batches, only the last one caught up, and a start position is kept to', async (t) => {
  const lines = Array.from({ length: 1_234 }, (_, i) => `{"n":${i}}`);
  const path = join(await folder(t), 'many.ndjson');
  await writeFile(path, `${lines.join('\n')}\n`);
  const collector = new Collector();
  collector.positions.set(path, 100);
  const progress: { read: number; total?: number }[] = [];
  await new FileSource([path], { format: 'litellm', onProgress: (p) => progress.push(p) }).run(collector);
  assert.deepEqual(collector.all, lines.slice(100));
  assert.deepEqual(
    collector.batches.map(({ caughtUp }) => caughtUp),
    [false, false, true],
  );
  assert.ok(collector.batches.every(({ format }) => format === 'litellm'));
  const size = lines.join('\n').length + 1;
  assert.deepEqual(progress.at(-1), { read: size, total: size });
});

test('a document over several lines: an array gives its elements, an object one record, objects in a row each one', async (t) => {
  const array = JSON.stringify([{ a: '],[' }, { b: ['\\"', 1] }, { c: {} }], null, 2);
  const fromArray = await read(t, array, {}, 'a.json');
  assert.deepEqual(
    fromArray.found.map(([, v]) => JSON.parse(v as string)),
    JSON.parse(array),
  );
  assert.deepEqual(
    fromArray.found.map(([p]) => p),
    [0, 1, 2],
  );
  const object = JSON.stringify({ a: { b: [1, 2] } }, null, 2);
  assert.deepEqual((await read(t, `\uFEFF${object}\n`)).found, [[0, object]]);
  assert.deepEqual((await read(t, `${object}\n${object}\n`)).found.length, 2);
  assert.deepEqual((await read(t, '[\n{"a":1}\n]\n')).found, [[0, '{"a":1}']]);
});

test('an array on one line is one record: formats take it apart', async (t) => {
  assert.deepEqual((await read(t, '[{"a":1},{"a":2}]\n')).found, [[0, '[{"a":1},{"a":2}]']]);
  assert.deepEqual((await read(t, '[{"a":1},{"a":2}]')).found, [[0, '[{"a":1},{"a":2}]']]);
});

test('an oversized line is cut one byte over the limit, and the next one is whole', async (t) => {
  const long = `{"a":"${'x'.repeat(900_000)}"}`;
  const { records } = await read(t, `{"b":1}\n${long}\n{"c":1}\n`, { maxRecordBytes: 1_000 });
  assert.deepEqual(
    records.map(({ value }) => value?.length),
    [7, 1_001, 7],
  );
  const first = await read(t, `${long}\n{"c":1}\n`, { maxRecordBytes: 1_000 });
  assert.deepEqual(
    first.records.map(({ value }) => value?.length),
    [1_001, 7],
  );
});

test('gzip is told by content; a cut-off one gives what was readable, then an error that names it', async (t) => {
  const lines = Array.from({ length: 50_000 }, (_, i) => `{"n":${i},"x":"${Math.sin(i)}"}`);
  const packed = gzipSync(`${lines.join('\n')}\n`);
  const whole = await read(t, packed, {}, 'log.bin');
  assert.deepEqual(whole.collector.all, lines);

  const path = join(await folder(t), 'cut.jsonl.gz');
  await writeFile(path, packed.subarray(0, packed.length / 2));
  const collector = new Collector();
  await assert.rejects(new FileSource([path]).run(collector), (error: NightjarError) => {
    assert.equal(error.code, 'NJ_INPUT');
    assert.match(error.message, /cut\.jsonl\.gz is a damaged or cut-off gzip file/);
    return true;
  });
  assert.ok(collector.all.length > 15_000, String(collector.all.length));
  assert.deepEqual(collector.all, lines.slice(0, collector.all.length));
  assert.ok(collector.batches.at(-1)?.caughtUp);
});

test('a missing file is named before anything is read', async (t) => {
  const path = join(await folder(t), 'there.jsonl');
  await writeFile(path, '{}\n');
  const collector = new Collector();
  await assert.rejects(new FileSource([path, `${path}.not`]).run(collector), {
    code: 'NJ_INPUT',
    message: `cannot open ${path}.not: no such file`,
  });
  await assert.rejects(new FileSource([join(path, '..')]).run(collector), { code: 'NJ_INPUT', message: /is a folder/ });
  assert.equal(collector.assignments.length, 0);
});

test('standard input is read as -', async () => {
  const collector = new Collector();
  await new FileSource(['-'], { stdin: Readable.from([Buffer.from('{"a":'), Buffer.from('1}\n{"b":2}\n')]) }).run(
    collector,
  );
  assert.deepEqual(collector.values.get('-'), ['{"a":1}', '{"b":2}']);
});

test('files are read side by side: one that waits for another does not stop it', async (t) => {
  const dir = await folder(t);
  const [a, b] = [join(dir, 'a.jsonl'), join(dir, 'b.jsonl')];
  await writeFile(a, '{"a":1}\n');
  await writeFile(b, Array.from({ length: 2_000 }, () => '{"b":1}').join('\n'));
  const collector = new Collector();
  collector.onBatch = async (batch, alive) => {
    while (batch.partition === a && !collector.caughtUp.has(b)) {
      await alive();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  await new FileSource([a, b]).run(collector);
  assert.equal(collector.all.length, 2_001);
});

test('an error of the pipeline ends the run with that error; stop ends it without one', async (t) => {
  const path = join(await folder(t), 'a.jsonl');
  await writeFile(path, Array.from({ length: 2_000 }, () => '{"b":1}').join('\n'));
  const failing = new Collector();
  failing.onBatch = async () => {
    throw new TypeError('broken');
  };
  await assert.rejects(new FileSource([path]).run(failing), { message: 'broken' });
  const slow = new Collector();
  const source = new FileSource([path]);
  slow.onBatch = async () => {
    void source.stop();
  };
  await source.run(slow);
  assert.equal(slow.batches.length, 0);
});
