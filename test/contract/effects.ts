/** What every adapter of the port Effects must do. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Effects } from '../../src/ports.ts';

export interface EffectsUnderTest {
  /** Opens the same ledger again, as another process would. */
  open(): Promise<Effects>;
  end?(): Promise<void>;
}

/** @param start an own, empty ledger per call; undefined when the test was skipped */
export function effectsSuite(
  name: string,
  start: (t: { skip(message?: string): void }) => Promise<EffectsUnderTest | undefined>,
): void {
  const block = (id: string) => ({ action: 'litellm', target: { kind: 'credential', id } }) as const;

  function check(title: string, body: (effects: Effects, open: () => Promise<Effects>) => Promise<void>): void {
    test(`effects on ${name}: ${title}`, { timeout: 60_000 }, async (t) => {
      const subject = await start(t);
      if (!subject) return;
      const opened: Effects[] = [];
      const open = async () => {
        const effects = await subject.open();
        opened.push(effects);
        return effects;
      };
      try {
        await body(await open(), open);
      } finally {
        await Promise.all(opened.map((effects) => effects.close()));
        await subject.end?.();
      }
    });
  }

  check('new, then done for ever, also for another process', async (effects, open) => {
    assert.equal(await effects.begin('in_1|litellm|credential:k', block('k')), 'new');
    await effects.complete('in_1|litellm|credential:k');
    assert.equal(await effects.begin('in_1|litellm|credential:k', block('k')), 'done');
    assert.equal(await (await open()).begin('in_1|litellm|credential:k', block('k')), 'done');
    assert.equal(await effects.begin('in_2|litellm|credential:k', block('k')), 'new');
  });

  check(
    'a begin that never reported is unknown, for this process and for others, until it is completed',
    async (effects, open) => {
      await effects.begin('key', block('k'));
      const other = await open();
      assert.equal(await other.begin('key', block('k')), 'unknown');
      assert.equal(await effects.begin('key', block('k')), 'unknown');
      await other.complete('key');
      assert.equal(await effects.begin('key', block('k')), 'done');
    },
  );

  check('an abandoned try may be made again', async (effects) => {
    for (let i = 0; i < 3; i++) {
      assert.equal(await effects.begin('key', block('k')), 'new');
      await effects.abandon('key');
    }
  });

  check('nobody abandons what somebody else may be doing', async (effects, open) => {
    const other = await open();
    await effects.begin('key', block('k'));
    await other.abandon('key');
    assert.equal(await other.begin('key', block('k')), 'unknown');
    await effects.abandon('key');
    assert.equal(await effects.begin('key', block('k')), 'unknown');
    await effects.complete('key');
    await effects.abandon('key');
    assert.equal(await effects.begin('key', block('k')), 'done');
  });

  check('of many that begin at once exactly one is new', async (effects, open) => {
    const ledgers = [effects, await open(), await open()];
    for (let round = 0; round < 5; round++) {
      const answers = await Promise.all(
        Array.from({ length: 12 }, (_, i) => (ledgers[i % 3] as Effects).begin(`key-${round}`, block('k'))),
      );
      assert.deepEqual(
        answers.filter((answer) => answer !== 'unknown'),
        ['new'],
      );
    }
  });

  check('countSince counts distinct targets by their completion, the first time', async (effects) => {
    const start = Date.now();
    const done = async (key: string, id: string) => {
      await effects.begin(key, block(id));
      await effects.complete(key);
    };
    assert.equal(await effects.countSince(0), 0);
    await done('a1', 'a');
    await done('a2', 'a');
    await done('b1', 'b');
    await effects.begin('c1', block('c'));
    await effects.begin('d1', block('d'));
    await effects.abandon('d1');
    assert.equal(await effects.countSince(start), 2);
    assert.equal(await effects.countSince(Date.now() + 60_000), 0);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const later = Date.now();
    await effects.complete('b1');
    assert.equal(await effects.countSince(later), 0);
    await done('a3', 'a');
    assert.equal(await effects.countSince(later), 1);
  });

  check('targets and keys may hold any character', async (effects) => {
    const key = 'in_1|litellm|principal:nul \0 half \ud83d 💥';
    assert.equal(await effects.begin(key, block(key)), 'new');
    assert.equal(await effects.begin(key, block(key)), 'unknown');
    await effects.complete(key);
    assert.equal(await effects.begin(key, block(key)), 'done');
  });
}
