/** The pipeline: outputs before checkpoint before commit, nothing lost when a batch is given up, bad records never in the way. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Raised } from '../src/engine.ts';
import { Pipeline, type PipelineOptions } from '../src/pipeline.ts';
import type { Checkpoint, DeadLetter, RawRecord, RecordBatch } from '../src/ports.ts';
import { PUBLIC_TEST_KEY } from '../src/scan/fingerprint.ts';
import { createScanner } from '../src/scan/scan.ts';
import { detector, draft, START } from './detect/observations.ts';

const record = (position: number, session = `s-${position}`): RawRecord => ({
  position,
  time: START + position * 1_000,
  value: Buffer.from(
    JSON.stringify({
      id: `call-${position}`,
      call_type: 'acompletion',
      status: 'success',
      startTime: START / 1_000 + position,
      endTime: START / 1_000 + position,
      model: 'm',
      metadata: { user_api_key_user_id: 'user-07' },
      trace_id: session,
      messages: [{ role: 'user', content: 'hi' }],
      response: { choices: [{ message: { role: 'assistant', content: 'hello' } }] },
    }),
  ),
});
const batchOf = (records: RawRecord[], more: Partial<RecordBatch> = {}): RecordBatch => ({
  partition: 't/0',
  format: 'auto',
  records,
  next: (records.at(-1)?.position ?? -1) + 1,
  caughtUp: true,
  ...more,
});
const alive = async () => undefined;
const ids = (raised: Raised[]) => raised.map(({ alert }) => alert.event_ids.at(-1));

/** A pipeline on fakes that write down what they are asked, in order. One finding per call. */
function stand(options: Partial<PipelineOptions> = {}, checkpoint?: Checkpoint) {
  const log: string[] = [];
  const letters: DeadLetter[] = [];
  const sent: Raised[] = [];
  const world = { checkpoint, send: async (_raised: Raised[]): Promise<void> => undefined };
  const pipeline = new Pipeline({
    tenant: 'default',
    installed: [{ detector: { ...detector('every', (one) => [draft(one.id)]), keys: ['tenant'] }, params: {} }],
    scanner: createScanner(PUBLIC_TEST_KEY),
    latenessMs: 120_000,
    checkpointEveryMs: 0,
    checkpoints: {
      load: async () => world.checkpoint,
      save: async (_shard, saved) => {
        log.push(`checkpoint ${[...saved.positions].map(([name, at]) => `${name}=${at}`)}`);
        world.checkpoint = saved;
      },
      close: async () => undefined,
    },
    deadLetters: {
      put: async (given) => {
        log.push(`letters ${given.map(({ position }) => position)}`);
        letters.push(...given);
      },
    },
    send: async (raised) => {
      await world.send(raised);
      log.push(`send ${ids(raised)}`);
      sent.push(...raised);
    },
    commit: async (positions) => {
      log.push(`commit ${[...positions.values()]}`);
    },
    ...options,
  });
  return { pipeline, log, letters, sent, world };
}

describe('order of work', () => {
  it('is letters and alerts, then checkpoint, then commit', async () => {
    const { pipeline, log } = stand();
    await pipeline.assigned(['t/0']);
    await pipeline.batch(batchOf([record(0), { position: 1, value: Buffer.from('{') }, record(2)]), alive);
    assert.deepEqual(log, ['letters 1', 'send call-0,call-2', 'checkpoint t/0=3', 'commit 3']);
  });

  it('insists on an output that fails, and moves nothing meanwhile', async () => {
    const { pipeline, log, world, sent } = stand({ hooks: { waiting: () => log.push('waiting') } });
    let failures = 1;
    world.send = async () => {
      if (failures-- > 0) throw new Error('queue is away');
    };
    await pipeline.assigned(['t/0']);
    await pipeline.batch(batchOf([record(0)]), alive);
    assert.deepEqual(log, ['waiting', 'send call-0', 'checkpoint t/0=1', 'commit 1']);
    assert.equal(sent.length, 1);
  });

  it('works through batches of several partitions one after the other', async () => {
    const { pipeline, log, world } = stand();
    world.send = () => new Promise((resolve) => setTimeout(resolve, 5));
    await pipeline.assigned(['t/0', 't/1']);
    await Promise.all([
      pipeline.batch(batchOf([record(0)]), alive),
      pipeline.batch(batchOf([record(1)], { partition: 't/1' }), alive),
    ]);
    // The first waits for the second partition, which might have held something earlier.
    assert.deepEqual(log, [
      'checkpoint t/0=1',
      'commit 1',
      'send call-0,call-1',
      'checkpoint t/0=1,t/1=2',
      'commit 1,2',
    ]);
  });
});

describe('bad records', () => {
  it('are dead-lettered with a reason, and the next one is evaluated', async () => {
    const bad: [string, Uint8Array, RegExp][] = [
      ['no JSON', Buffer.from('{nope'), /not JSON/],
      ['no UTF-8', Buffer.from([0x7b, 0xff, 0xfe]), /UTF-8/],
      ['too deep', Buffer.from(`${'['.repeat(100_000)}${']'.repeat(100_000)}`), /deeper/],
      ['a prototype key', Buffer.from('{"__proto__":{"admin":true}}'), /__proto__/],
      ['too large', Buffer.alloc(5 * 1024 * 1024 + 1, 0x20), /bytes/],
      ['no format', Buffer.from('{"hello":"world"}'), /no known format/],
    ];
    for (const [what, value, reason] of bad) {
      const { pipeline, letters, sent } = stand();
      await pipeline.assigned(['t/0']);
      await pipeline.batch(batchOf([{ position: 7, value }, record(8)]), alive);
      assert.deepEqual(ids(sent), ['call-8'], what);
      assert.equal(letters.length, 1, what);
      assert.match(letters[0]?.reason ?? '', reason, what);
      assert.deepEqual(
        [letters[0]?.partition, letters[0]?.position, letters[0]?.bytes],
        ['t/0', 7, value.length],
        what,
      );
      assert.ok((letters[0]?.shape ?? '').length <= 1_024, what);
    }
    assert.equal(({} as { admin?: boolean }).admin, undefined);
  });

  it('of the source keep its reason; tombstones are no records', async () => {
    const { pipeline, letters } = stand();
    await pipeline.assigned(['t/0']);
    await pipeline.batch(
      batchOf([
        { position: 0, value: null },
        { position: 1, value: null, fault: 'codec' },
        { ...record(2), fault: 'cut' },
      ]),
      alive,
    );
    assert.deepEqual(
      letters.map(({ position, reason }) => [position, reason]),
      [
        [1, 'codec'],
        [2, 'cut'],
      ],
    );
  });

  it('with a clock that runs ahead are put at the time of their carrier', async () => {
    const { pipeline, sent } = stand();
    await pipeline.assigned(['t/0']);
    const ahead = { ...record(400 * 86_400), time: START };
    await pipeline.batch(batchOf([{ ...ahead, position: 0 }, record(1)]), alive);
    assert.deepEqual(
      sent.map(({ alert }) => alert['@timestamp']),
      [new Date(START).toISOString(), new Date(START + 1_000).toISOString()],
    );
  });
});

describe('a batch that is given up', { concurrency: true }, () => {
  const lost = async () => {
    throw new Error('not ours any more');
  };

  it('before it was evaluated moves nothing', async () => {
    const { pipeline, log } = stand();
    await pipeline.assigned(['t/0']);
    await assert.rejects(pipeline.batch(batchOf([record(0)]), lost), /not ours/);
    await pipeline.flush();
    assert.deepEqual(log, []);
  });

  it('between two slices of reading moves nothing', async () => {
    let now = 0;
    const { pipeline, log } = stand({ now: () => (now += 60) });
    await pipeline.assigned(['t/0']);
    let calls = 0;
    const alive = async () => {
      if (++calls === 3) throw new Error('not ours any more');
    };
    await assert.rejects(pipeline.batch(batchOf([record(0), record(1), record(2)]), alive), /not ours/);
    assert.deepEqual(log, []);
  });

  it('while its alerts are not accepted: no checkpoint remembers it, and they are made again from the last one', async () => {
    const { pipeline, log, world, sent } = stand({ checkpointEveryMs: 60_000 });
    await pipeline.assigned(['t/0']);
    await pipeline.batch(batchOf([record(0)]), alive);
    world.send = async () => {
      throw new Error('queue is away');
    };
    await assert.rejects(pipeline.batch(batchOf([record(1)]), failAfter(1)), /not ours/);
    await pipeline.revoked();
    assert.deepEqual(log, ['send call-0']);
    world.send = async () => undefined;
    assert.deepEqual([...(await pipeline.assigned(['t/0']))], []);
    await pipeline.batch(batchOf([record(0), record(1)]), alive);
    assert.deepEqual(ids(sent), ['call-0', 'call-0', 'call-1']);
    await pipeline.revoked();
  });

  it('and read again without a new assignment: what it owes goes out first', async () => {
    const { pipeline, log, world, sent } = stand();
    await pipeline.assigned(['t/0']);
    world.send = async () => {
      throw new Error('queue is away');
    };
    await assert.rejects(pipeline.batch(batchOf([record(0)]), failAfter(1)), /not ours/);
    await pipeline.flush();
    assert.deepEqual(log, []);
    world.send = async () => undefined;
    await pipeline.batch(batchOf([record(0), record(1)]), alive);
    assert.deepEqual(log, ['send call-0,call-1', 'checkpoint t/0=2', 'commit 2']);
    assert.equal(sent.length, 2);
  });

  it('because the engine failed: no later batch is built on what it left behind', async () => {
    let broken = true;
    const installed = [
      {
        detector: {
          ...detector('every', (one) => [draft(one.id)]),
          keys: ['tenant' as const],
          concerns: () => true,
        },
        params: {},
      },
    ];
    const { pipeline, log, sent, world } = stand({
      installed,
      hooks: {
        found: () => {
          if (broken) throw new Error('fault of the engine');
        },
      },
    });
    await pipeline.assigned(['t/0']);
    const first = pipeline.batch(batchOf([record(0)]), alive);
    const second = pipeline.batch(batchOf([record(1)], { partition: 't/1' }), alive);
    await assert.rejects(first, /fault of the engine/);
    await assert.rejects(second, /starting again from the checkpoint/);
    assert.equal(log.length, 0);
    broken = false;
    await pipeline.revoked();
    await pipeline.assigned(['t/0']);
    await pipeline.batch(batchOf([record(1)], { partition: 't/1' }), alive);
    await pipeline.batch(batchOf([record(0)]), alive);
    assert.deepEqual(ids(sent).sort(), ['call-0', 'call-1']);
    assert.equal(world.checkpoint?.positions.get('t/0'), 1);
  });

  /** Alive for so many calls, and then no more. */
  function failAfter(calls: number): () => Promise<void> {
    let left = calls;
    return async () => {
      if (left-- <= 0) throw new Error('not ours any more');
    };
  }
});

describe('assignment', { concurrency: true }, () => {
  it('gives back the positions of the checkpoint, and the state that goes with them', async () => {
    const first = stand();
    await first.pipeline.assigned(['t/0', 't/1']);
    await first.pipeline.batch(batchOf([], { partition: 't/1', next: 5 }), alive);
    await first.pipeline.batch(batchOf([record(0)]), alive);
    const second = stand({}, first.world.checkpoint);
    assert.deepEqual([...(await second.pipeline.assigned(['t/0', 't/2']))], [['t/0', 1]]);
    const read: number[] = [];
    await second.pipeline.batch(batchOf([], { partition: 't/2', next: 0 }), alive);
    await second.pipeline.batch(batchOf([record(0), record(1)]), alive);
    read.push(second.sent.length);
    assert.deepEqual(ids(second.sent), ['call-1']);
  });

  it('starts anew from a checkpoint of another layout', async () => {
    const { pipeline } = stand({}, { positions: new Map([['t/0', 9]]), version: 0, body: new Uint8Array() });
    assert.deepEqual([...(await pipeline.assigned(['t/0']))], []);
  });

  it('never commits what no checkpoint holds: after a crash between any two steps every alert is sent', async () => {
    for (const step of ['send', 'save', 'commit']) {
      const broken = stand({
        ...(step === 'commit' ? { commit: async () => Promise.reject(new Error('crash')) } : {}),
      });
      if (step === 'send') broken.world.send = async () => Promise.reject(new Error('crash'));
      if (step === 'save')
        broken.pipeline = stand({
          checkpoints: {
            load: async () => undefined,
            save: async () => Promise.reject(new Error('crash')),
            close: async () => undefined,
          },
          send: async (raised) => void broken.sent.push(...raised),
          commit: async () => void broken.log.push('commit'),
        }).pipeline;
      await broken.pipeline.assigned(['t/0']);
      let calls = 0;
      await assert.rejects(
        broken.pipeline.batch(batchOf([record(0)]), async () => {
          if (calls++ > 0) throw new Error('killed');
        }),
        /killed/,
      );
      assert.ok(!broken.log.some((line) => line.startsWith('commit')), step);
      const after = stand({}, broken.world.checkpoint);
      const from = (await after.pipeline.assigned(['t/0'])).get('t/0') ?? 0;
      await after.pipeline.batch(batchOf([record(0)].filter(({ position }) => position >= from)), alive);
      assert.deepEqual(new Set([...ids(broken.sent), ...ids(after.sent)]), new Set(['call-0']), step);
    }
  });
});
