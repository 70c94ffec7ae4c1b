/** What the tests of the response half share: an alert, a playbook, and the ports in memory. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Alert, Entities } from '../../src/model/finding.ts';
import type { ResponseRecord, Target } from '../../src/model/response.ts';
import type { Action, Effects } from '../../src/ports.ts';
import type { AuditEntry } from '../../src/respond/audit.ts';
import { Guard, type GuardPolicy } from '../../src/respond/guard.ts';
import { type Playbook, playbookSchema } from '../../src/respond/playbook.ts';
import { Responder } from '../../src/respond/runner.ts';

export const KEY = `sha256:${'ab'.repeat(32)}`;
export const START = Date.UTC(2026, 10, 23, 10, 0, 0);

export function makeAlert(over: Partial<Omit<Alert, 'entities'>> & { entities?: Partial<Entities> } = {}): Alert {
  const { entities, ...rest } = over;
  return {
    id: 'al_1',
    '@timestamp': '2026-11-23T10:00:00.000Z',
    detector: 'leaked-credential',
    class: 'artifact',
    maturity: 'stable',
    title: 'A key stood in an answer',
    severity: 'high',
    confidence: 0.95,
    event_ids: ['call-1'],
    incident_id: 'in_1',
    techniques: ['AML.T0086'],
    evidence: [],
    untrusted_trigger: false,
    stage: null,
    revision: 1,
    final: false,
    ...rest,
    entities: {
      tenant: 'default',
      principal: 'user-07',
      credential: KEY,
      session: 's-1',
      agent: null,
      endpoint: null,
      tool: 'send_email',
      resource: null,
      ...entities,
    },
  };
}

export function makePlaybook(over: Partial<Playbook> = {}): Playbook {
  return playbookSchema.parse({
    id: 'revoke',
    description: 'Block the key',
    when: { detector: ['leaked-credential'] },
    steps: [{ action: 'cut', target: 'credential' }],
    ...over,
  });
}

/** The ledger in memory. `now` times the completions. */
export class MemoryEffects implements Effects {
  readonly rows = new Map<string, { action: string; target: Target; done: number | null }>();
  readonly #now: () => number;

  constructor(now: () => number = () => START) {
    this.#now = now;
  }

  async begin(key: string, detail: { action: string; target: Target }): Promise<'new' | 'done' | 'unknown'> {
    const row = this.rows.get(key);
    if (row) return row.done === null ? 'unknown' : 'done';
    this.rows.set(key, { ...detail, done: null });
    return 'new';
  }

  async complete(key: string): Promise<void> {
    const row = this.rows.get(key);
    if (!row) throw new Error(`complete without begin: ${key}`);
    row.done = this.#now();
  }

  async abandon(key: string): Promise<void> {
    this.rows.delete(key);
  }

  async countSince(time: number, actions?: readonly string[]): Promise<number> {
    const recent = [...this.rows.values()].filter(
      ({ action, done }) => done !== null && done >= time && (!actions || actions.includes(action)),
    );
    return new Set(recent.map(({ target }) => `${target.kind}:${target.id}`)).size;
  }

  async close(): Promise<void> {}
}

/** An action whose world is a set of targets that are cut off. */
export class FakeAction implements Action {
  readonly inverse = null;
  readonly describe = 'for tests';
  readonly permissions = [];
  readonly targets: Action['targets'] = ['credential', 'principal', 'session', 'agent', 'tool', 'endpoint', 'alert'];
  readonly id: string;
  readonly strength: Action['strength'];
  /** Targets of every call of `run` and `holds`. */
  readonly runs: string[] = [];
  readonly checks: string[] = [];
  readonly cut = new Set<string>();
  /** Errors that the next runs end with, before they change anything. */
  readonly failures: Error[] = [];
  /** Runs after the change was made, before `run` returns: throw here to die with the effect done. */
  afterEffect: () => void = () => undefined;

  constructor(id = 'cut', strength: Action['strength'] = 'contain') {
    this.id = id;
    this.strength = strength;
  }

  async holds(target: Target): Promise<boolean> {
    this.checks.push(target.id);
    return this.strength !== 'notify' && this.cut.has(target.id);
  }

  async run(target: Target): Promise<void> {
    this.runs.push(target.id);
    const failure = this.failures.shift();
    if (failure) throw failure;
    this.cut.add(target.id);
    this.afterEffect();
  }
}

export interface Bench {
  responder: Responder;
  effects: MemoryEffects;
  records: ResponseRecord[];
  audit: AuditEntry[];
  store: { fails: boolean };
}

/** A responder on ports in memory, in enforce mode unless the policy says otherwise. */
export function bench(
  playbooks: Playbook[],
  actions: Action[],
  policy: Partial<GuardPolicy> = {},
  options: { effects?: MemoryEffects; now?: () => number } = {},
): Bench {
  const now = options.now ?? (() => START);
  const effects = options.effects ?? new MemoryEffects(now);
  const records: ResponseRecord[] = [];
  const audit: AuditEntry[] = [];
  const store = { fails: false };
  const full: GuardPolicy = { mode: 'enforce', neverTouch: [], maxTargetsPerHour: 10, ...policy };
  const guard = new Guard({ policy: full, facts: actions, actions, effects, now });
  const responder = new Responder({
    playbooks,
    guard,
    effects,
    store: {
      async putResponse(record) {
        if (store.fails) throw new Error('the store is away');
        records.push(record);
      },
    },
    audit: {
      async append(entry) {
        audit.push(entry);
      },
    },
    now,
  });
  return { responder, effects, records, audit, store };
}

/** A folder of its own, gone after the test. */
export async function tempFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'nightjar-respond-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
