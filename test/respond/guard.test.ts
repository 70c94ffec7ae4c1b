/** The guard: what it refuses and why, the limit per hour, and that observe mode lets nothing out. */
import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Alert } from '../../src/model/finding.ts';
import type { Action } from '../../src/ports.ts';
import { ACTION_FACTS, createActions } from '../../src/respond/actions/index.ts';
import type { ActionContext } from '../../src/respond/actions/kind.ts';
import { litellmBlockKey } from '../../src/respond/actions/litellm-block-key.ts';
import { litellmUnblockKey } from '../../src/respond/actions/litellm-unblock-key.ts';
import { webhook } from '../../src/respond/actions/webhook.ts';
import { type Decision, Guard, type GuardPolicy } from '../../src/respond/guard.ts';
import { createSend } from '../../src/respond/http.ts';
import { type Playbook, playbookSchema, responseJobs } from '../../src/respond/playbook.ts';
import { bench, FakeAction, KEY, MemoryEffects, makeAlert, makePlaybook, START } from './helpers.ts';

const ACTIONS = [new FakeAction(), new FakeAction('slow', 'throttle'), new FakeAction('tell', 'notify')];

function decide(
  step: Playbook['steps'][number],
  alert: Alert = makeAlert(),
  policy: Partial<GuardPolicy> = {},
  when: object = {},
): Decision {
  const full: GuardPolicy = { mode: 'enforce', neverTouch: [], maxTargetsPerHour: 10, ...policy };
  const guard = new Guard({
    policy: full,
    facts: ACTIONS,
    actions: ACTIONS,
    effects: new MemoryEffects(),
    now: () => START,
  });
  const playbook = makePlaybook({ when: { detector: ['leaked-credential'], ...when }, steps: [step] });
  return guard.decide(playbook, step, alert);
}

const verdict = (decision: Decision) =>
  decision.verdict === 'allowed' ? 'allowed' : `${decision.verdict}: ${decision.reason}`;
const CUT = { action: 'cut', target: 'credential' } as const;
const SLOW = { action: 'slow', target: 'credential' } as const;
const TELL = { action: 'tell', target: 'credential' } as const;

test('class and maturity bound what may run by itself', () => {
  const of = (over: Parameters<typeof makeAlert>[0]) =>
    [CUT, SLOW, TELL].map((step) => decide(step, makeAlert(over)).verdict === 'allowed');
  assert.deepEqual(of({ class: 'artifact' }), [true, true, true]);
  assert.deepEqual(of({ class: 'behaviour' }), [false, true, true]);
  assert.deepEqual(of({ class: 'judgment' }), [false, false, true]);
  assert.deepEqual(of({ maturity: 'incubating' }), [false, false, true]);
  assert.deepEqual(of({ maturity: 'experimental' }), [false, false, true]);
  assert.deepEqual(of({ stage: 'learning' }), [false, false, true]);
  assert.match(verdict(decide(CUT, makeAlert({ class: 'behaviour' }))), /refused: .*behaviour may not contain/);
});

test('when untrusted content set the alert off, only its session or tool may be the target', () => {
  const alert = makeAlert({ untrusted_trigger: true, entities: { agent: 'a', endpoint: 'llm.example.com' } });
  const targets = ['credential', 'principal', 'agent', 'endpoint', 'session', 'tool', 'alert'] as const;
  const allowed = targets.filter((target) => decide({ action: 'cut', target }, alert).verdict === 'allowed');
  assert.deepEqual(allowed, ['session', 'tool', 'alert']);
  assert.equal(decide(TELL, alert).verdict, 'refused');
  assert.match(verdict(decide(CUT, alert)), /untrusted content/);
});

test('the never-touch list holds for the target and, when acting, for its owner', () => {
  const policy = { neverTouch: ['principal:user-0*'] };
  assert.match(verdict(decide(CUT, makeAlert(), policy)), /refused: never-touch list: principal:user-0\*/);
  assert.equal(decide(TELL, makeAlert(), policy).verdict, 'allowed');
  assert.equal(decide({ action: 'tell', target: 'principal' }, makeAlert(), policy).verdict, 'refused');
  assert.equal(decide(CUT, makeAlert({ entities: { principal: 'user-17' } }), policy).verdict, 'allowed');
});

test('a missing entity, a changed playbook and an unknown action are refused with the reason', () => {
  assert.match(verdict(decide({ action: 'cut', target: 'agent' })), /refused: the alert names no agent/);
  assert.match(verdict(decide(CUT, makeAlert(), {}, { confidence: 0.99 })), /refused: the playbook no longer calls/);
  assert.match(verdict(decide({ action: 'gone', target: 'credential' })), /refused: there is no action gone/);
});

test('observe mode tells what enforce would do, needs no configured action, and gives no permit', () => {
  const guard = (mode: 'observe' | 'enforce') =>
    new Guard({
      policy: { mode, neverTouch: [], maxTargetsPerHour: 1 },
      facts: ACTIONS,
      actions: [],
      effects: new MemoryEffects(),
      now: () => START,
    });
  const playbook = makePlaybook();
  assert.equal(guard('observe').decide(playbook, CUT, makeAlert()).verdict, 'observed');
  assert.match(verdict(guard('observe').decide(playbook, CUT, makeAlert({ class: 'judgment' }))), /^refused/);
  assert.match(verdict(guard('enforce').decide(playbook, CUT, makeAlert())), /refused: cut is not configured/);
  assert.throws(() => guard('enforce').require([playbook]), { code: 'NJ_CONFIG', message: /playbook revoke uses cut/ });
  guard('observe').require([playbook]);
});

test('never more distinct targets within an hour than the limit allows, whatever arrives', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
      fc.array(
        fc.record({
          key: fc.integer({ min: 0, max: 9 }),
          incident: fc.integer({ min: 0, max: 3 }),
          wait: fc.nat(1_500_000),
        }),
        {
          maxLength: 25,
        },
      ),
      async (maxTargetsPerHour, perHour, hits) => {
        let now = START;
        const action = new FakeAction();
        const playbook = makePlaybook(perHour === undefined ? {} : { limits: { perHour } });
        const { responder } = bench([playbook], [action], { maxTargetsPerHour }, { now: () => now });
        const done: { at: number; key: string }[] = [];
        action.afterEffect = () => done.push({ at: now, key: action.runs.at(-1) ?? '' });
        for (const { key, incident, wait } of hits) {
          now += wait;
          const alert = makeAlert({ incident_id: `in_${incident}`, entities: { credential: `sha256:${key}` } });
          await Promise.all(responseJobs([playbook], alert).map((job) => responder.handle(job)));
        }
        for (const { at } of done) {
          const hour = done.filter((one) => one.at > at - 3_600_000 && one.at <= at);
          assert.ok(new Set(hour.map(({ key }) => key)).size <= Math.min(maxTargetsPerHour, perHour ?? 99));
        }
      },
    ),
  );
});

test('jobs that arrive at once do not slip past the limit together', async () => {
  const action = new FakeAction();
  const playbook = makePlaybook();
  const { responder, records } = bench([playbook], [action], { maxTargetsPerHour: 2 });
  const jobs = ['1', '2', '3', '4', '5'].flatMap((key) =>
    responseJobs([playbook], makeAlert({ incident_id: `in_${key}`, entities: { credential: `sha256:${key}` } })),
  );
  await Promise.all(jobs.map((job) => responder.handle(job)));
  assert.equal(action.runs.length, 2);
  const refused = records.flatMap(({ steps }) => steps).filter(({ outcome }) => outcome === 'refused');
  assert.equal(refused.length, 3);
  assert.match(refused[0]?.reason ?? '', /limit reached: 2 targets within the hour, 2 allowed/);
});

test('a far side that takes effect and never answers cannot be made to take more than the limit', async () => {
  const action = new FakeAction();
  action.afterEffect = () => {
    throw new Error('no answer');
  };
  const playbook = makePlaybook();
  const { responder, effects } = bench([playbook], [action], { maxTargetsPerHour: 2 });
  for (const key of ['1', '2', '3', '4']) {
    const alert = makeAlert({ incident_id: `in_${key}`, entities: { credential: `sha256:${key}` } });
    for (const job of responseJobs([playbook], alert)) await responder.handle(job).catch(() => undefined);
  }
  assert.equal(await effects.countSince(0), 0, 'the ledger does not know');
  assert.deepEqual([...action.cut], ['sha256:1', 'sha256:2']);
});

test('telling somebody neither uses up nor needs room to contain; its own limit holds', async () => {
  const cut = new FakeAction();
  const tell = new FakeAction('tell', 'notify');
  const steps = [TELL, CUT];
  const playbook = makePlaybook({ steps });
  const { responder } = bench([playbook], [cut, tell], { maxTargetsPerHour: 1 });
  for (const key of ['1', '2', '3']) {
    const alert = makeAlert({ incident_id: `in_${key}`, entities: { credential: `sha256:${key}` } });
    for (const job of responseJobs([playbook], alert)) await responder.handle(job);
  }
  assert.deepEqual([tell.runs.length, cut.runs.length], [3, 1]);

  const quiet = makePlaybook({ steps: [TELL], limits: { perHour: 2 } });
  const other = new FakeAction('tell', 'notify');
  const second = bench([quiet], [other]);
  for (const key of ['1', '2', '3']) {
    const alert = makeAlert({ incident_id: `in_${key}`, entities: { credential: `sha256:${key}` } });
    for (const job of responseJobs([quiet], alert)) await second.responder.handle(job);
  }
  assert.equal(other.runs.length, 2);
});

const anyAlert = fc
  .record({
    detector: fc.constantFrom('leaked-credential', 'toxic-flow'),
    class: fc.constantFrom('artifact' as const, 'behaviour' as const, 'judgment' as const),
    maturity: fc.constantFrom('experimental' as const, 'incubating' as const, 'stable' as const),
    severity: fc.constantFrom('low' as const, 'medium' as const, 'high' as const, 'critical' as const),
    confidence: fc.double({ min: 0, max: 1, noNaN: true }),
    untrusted_trigger: fc.boolean(),
    stage: fc.constantFrom(null, 'learning' as const, 'peer' as const, 'own' as const),
    entities: fc.record({
      credential: fc.option(fc.oneof(fc.constant(KEY), fc.string())),
      principal: fc.option(fc.string()),
      session: fc.option(fc.string()),
      agent: fc.option(fc.string()),
      tool: fc.option(fc.string()),
      endpoint: fc.option(fc.string()),
    }),
  })
  .map(makeAlert);

const anyPlaybook = (actions: readonly string[]) =>
  fc
    .record({
      when: fc.record(
        {
          detector: fc.constant(['leaked-credential', 'toxic-flow']),
          severity: fc.constantFrom('low', 'high'),
          entity: fc.subarray(['credential', 'session'], { minLength: 1 }),
        },
        { requiredKeys: ['detector'] },
      ),
      steps: fc.array(
        fc.record({
          action: fc.constantFrom(...actions),
          target: fc.constantFrom('credential', 'principal', 'session', 'agent', 'tool', 'endpoint', 'alert'),
        }),
        { minLength: 1, maxLength: 4 },
      ),
    })
    .map((drawn) => playbookSchema.parse({ id: 'drawn', description: 'drawn', ...drawn }));

test('in observe mode nothing leaves the process, whatever the playbook and the alert', async (t) => {
  let sends = 0;
  const context: ActionContext = {
    config: {
      mode: 'observe',
      neverTouch: [],
      maxTargetsPerHour: 10,
      litellm: { url: 'http://127.0.0.1:9/', keyFile: 'key' },
      webhook: { url: 'http://127.0.0.1:9/hook', secretFile: 'secret' },
    },
    send: async (request) => {
      sends++;
      return createSend()(request);
    },
    secret: async () => 'a secret of the test',
    now: () => START,
  };
  // Made one by one: `createActions` gives none in observe mode, which would make this test prove too little.
  const made = await Promise.all([webhook, litellmBlockKey, litellmUnblockKey].map((kind) => kind.create(context)));
  const real = made.filter((action) => action !== undefined);
  assert.equal(real.length, ACTION_FACTS.length);
  let checks = 0;
  let runs = 0;
  const actions: Action[] = [...real, new FakeAction('fake')].map((action) => ({
    ...action,
    id: action.id,
    targets: action.targets,
    strength: action.strength,
    holds: (target, alert) => {
      checks++;
      return action.holds(target, alert);
    },
    run: (target, alert, effect) => {
      runs++;
      return action.run(target, alert, effect);
    },
  }));
  const connect = t.mock.method(Socket.prototype, 'connect', () => {
    throw new Error('a connection was opened');
  });
  let outcomes = 0;
  const run = (mode: 'observe' | 'enforce', count: number) =>
    fc.assert(
      fc.asyncProperty(anyPlaybook(actions.map(({ id }) => id)), anyAlert, async (playbook, alert) => {
        const { responder, effects, records } = bench([playbook], actions, { mode });
        for (const job of responseJobs([playbook], alert)) await responder.handle(job).catch(() => undefined);
        if (mode === 'enforce') return;
        assert.equal(effects.rows.size, 0);
        for (const { outcome } of records.flatMap(({ steps }) => steps)) {
          assert.ok(outcome === 'observed' || outcome === 'refused');
          if (outcome === 'observed') outcomes++;
        }
        assert.deepEqual([sends, checks, runs, connect.mock.callCount()], [0, 0, 0, 0]);
      }),
      { numRuns: count },
    );
  await run('observe', 500);
  assert.ok(outcomes > 50, `the property is empty: only ${outcomes} steps were observed`);
  assert.deepEqual(await createActions(context), []);
  // The same playbooks in enforce mode do spring the traps, so the traps work.
  await run('enforce', 200);
  assert.ok(sends > 0 && checks > 0 && runs > 0 && connect.mock.callCount() > 0);
});
