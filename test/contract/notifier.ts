/** What every notifier must do, run on each of them against a stand-in that obeys the service's limits. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { NightjarError } from '../../src/errors.ts';
import type { Severity } from '../../src/model/finding.ts';
import { GiveUp, type Notifier, RetryLater } from '../../src/ports.ts';
import { anyAlert, sampleAlert, sampleIncident } from '../deliver/sample.ts';
import type { Recorder } from '../stand-ins/index.ts';

export interface NotifierBench {
  server: Recorder;
  /** Text that must appear in no error. */
  secret: string;
  /** A notifier for this server. */
  notifier(options: { minSeverity: Severity; timeoutMs: number }): Notifier;
  /** The same with a secret that the service does not know. */
  stranger(): Notifier;
  /** What the service took in, each as one text. */
  delivered(): string[];
}

/**
 * Registers the suite.
 * @param name in the titles of the tests
 * @param open starts a stand-in that behaves; the suite closes it
 */
export function notifierSuite(name: string, open: () => Promise<NotifierBench>): void {
  const check = (title: string, run: (bench: NotifierBench, t: TestContext) => Promise<void>): void => {
    test(`${name}: ${title}`, async (t) => {
      const bench = await open();
      t.after(() => bench.server.close());
      await run(bench, t);
    });
  };
  const quick = { minSeverity: 'low', timeoutMs: 1_500 } as const;

  /** The error of one notification, which must not tell the secret. */
  const failure = async (bench: NotifierBench, notifier = bench.notifier(quick)): Promise<Error> => {
    const error = await notifier.notify(sampleAlert(), sampleIncident()).then(
      () => assert.fail('was delivered'),
      (thrown: Error) => thrown,
    );
    assert.ok(!inspect(error, { depth: 20 }).includes(bench.secret), 'the error tells the secret');
    return error;
  };

  check('an alert is delivered once, with what, who, why and its incident', async (bench) => {
    await bench.notifier(quick).notify(sampleAlert(), sampleIncident());
    assert.equal(bench.server.requests.length, 1);
    const [text = ''] = bench.delivered();
    for (const part of [
      '[HIGH] Recipient taken from an untrusted document',
      'user-07',
      'send_email',
      'llm[.]example[.]com',
      'e…@example[.]net',
      '0 of 212 calls',
      'the user had named it',
      'toxic-flow',
      'AML.T0086',
      'al_0123456789abcdefghjk',
      'in_0123456789abcdefghjk',
    ]) {
      assert.ok(text.includes(part), `${part} is missing in ${text}`);
    }
  });

  check('below the least severity nothing is sent; the incident counts when it is worse', async (bench) => {
    const notifier = bench.notifier({ minSeverity: 'high', timeoutMs: 1_500 });
    const low = sampleAlert({ severity: 'low' });
    await notifier.notify(low, sampleIncident({ severity: 'medium' }));
    assert.equal(bench.server.requests.length, 0);
    await notifier.notify(low, sampleIncident({ severity: 'critical' }));
    assert.match(bench.delivered()[0] ?? '', /\[CRITICAL\]/);
  });

  check('hostile alerts are within the limits, and link nothing', async (bench) => {
    const notifier = bench.notifier({ minSeverity: 'low', timeoutMs: 10_000 });
    await fc.assert(
      fc.asyncProperty(anyAlert, async (alert) => {
        const before = bench.delivered().length;
        await notifier.notify(alert, sampleIncident());
        const texts = bench.delivered();
        assert.equal(texts.length, before + 1);
        assert.doesNotMatch(texts[before] ?? '', /https?:\/\//i);
      }),
      { numRuns: 40 },
    );
  });

  check('429 waits as long as the service asks', async (bench) => {
    bench.server.tooManyRequests(7, 1);
    const error = await failure(bench);
    assert.ok(error instanceof RetryLater && error.afterMs === 7_000, inspect(error));
  });

  check('429 without a time, or with a date, waits a sensible time', async (bench) => {
    const date = new Date(Date.now() + 90_000).toUTCString();
    for (const headers of [undefined, { 'retry-after': 'soon' }, { 'retry-after': date }]) {
      bench.server.misbehave({ kind: 'answer', answer: { status: 429, ...(headers && { headers }) } }, 1);
      const error = await failure(bench);
      assert.ok(error instanceof RetryLater && error.afterMs >= 10_000 && error.afterMs <= 300_000, inspect(error));
    }
  });

  check('after errors, silence and cut connections it is delivered in the end', async (bench) => {
    bench.server.misbehave({ kind: 'answer', answer: { status: 500 } }, 1);
    bench.server.misbehave({ kind: 'answer', answer: { status: 503, body: '<html>' } }, 1);
    bench.server.misbehave({ kind: 'hang' }, 1);
    bench.server.misbehave({ kind: 'drop' }, 1);
    for (let n = 0; n < 4; n++) {
      const error = await failure(bench);
      assert.ok(error instanceof NightjarError && error.retriable, inspect(error));
    }
    assert.equal(bench.delivered().length, 0);
    await bench.notifier(quick).notify(sampleAlert(), sampleIncident());
    assert.equal(bench.delivered().length, 1);
  });

  check('nobody there: the address is named, and another try can help', async (bench) => {
    await bench.server.close();
    const error = await failure(bench);
    assert.ok(error instanceof NightjarError && error.code === 'NJ_UNREACHABLE', inspect(error));
    assert.ok(error.message.includes(new URL(bench.server.url).host), error.message);
  });

  check('a refusal that lasts gives up and says what to look at', async (bench) => {
    const error = await failure(bench, bench.stranger());
    assert.ok(error instanceof GiveUp, inspect(error));
    assert.match(error.message, /file/);
  });

  check('a redirect is not followed with the secret', async (bench) => {
    const headers = { location: `${bench.server.url}/elsewhere` };
    bench.server.misbehave({ kind: 'answer', answer: { status: 307, headers } }, 1);
    await failure(bench);
    assert.equal(bench.server.requests.length, 1);
  });
}
