/** Runs a playbook for an alert: guard, ledger, action, audit, record. The queue calls it at least once; effects happen once. */
import { describeError } from '../errors.ts';
import type { Alert } from '../model/finding.ts';
import type { ResponseJob, ResponseRecord, StepRecord } from '../model/response.ts';
import { type Effects, GiveUp, type Job, RetryLater, type Store } from '../ports.ts';
import type { AuditEntry } from './audit.ts';
import type { Guard, Permit } from './guard.ts';
import { leftNoEffect } from './http.ts';
import { effectKey, type Playbook, type PlaybookStep } from './playbook.ts';

/** How long a record waits for a store that is away; such a wait is not counted as an attempt. */
const STORE_RETRY_MS = 5_000;

export interface ResponderParts {
  playbooks: readonly Playbook[];
  guard: Guard;
  effects: Effects;
  store: Pick<Store, 'putResponse'>;
  audit: { append(entry: AuditEntry): Promise<void> };
  /** Epoch milliseconds. */
  now: () => number;
}

type Ending = Pick<StepRecord, 'outcome' | 'reason'>;

/**
 * The handler of the queue `responses`.
 *
 * Steps run in order. A refused or observed step does not stop the ones behind it; a failed one does: they are recorded as refused, since
 * a playbook's later steps may rest on the earlier. So containment stands before notification. A failure that another attempt can mend
 * is rethrown, and the next attempt finds what is done already in the ledger.
 *
 * Containing and throttling steps run one at a time in this process, so that the limit per hour counts each before the next; several
 * processes at once can overshoot it by one each.
 */
export class Responder {
  readonly #parts: ResponderParts;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: ResponderParts) {
    this.#parts = parts;
  }

  /** Throws `GiveUp` on a failure for good, `RetryLater` when the far side asks to wait, anything else to be tried again. */
  async handle(job: Job<ResponseJob>): Promise<void> {
    const { alert, playbook: id } = job.data;
    const playbook = this.#parts.playbooks.find((one) => one.id === id);
    if (!playbook)
      throw new GiveUp(`no playbook ${id} is loaded here: the job ${job.id} was made with other playbooks`);
    const steps: StepRecord[] = [];
    let failure: { error: unknown; step: number } | undefined;
    for (const [i, step] of playbook.steps.entries()) {
      if (failure) {
        const target = this.#parts.guard.decide(playbook, step, alert).target;
        const reason = `not run: step ${failure.step} failed`;
        steps.push({ action: step.action, target, outcome: 'refused', reason, effect: effectKey(step, alert) });
        continue;
      }
      const { record, error } = await this.#step(playbook, step, alert);
      steps.push(record);
      if (error !== undefined) failure = { error, step: i + 1 };
    }
    await this.#record(job, playbook, steps, failure?.error);
    if (failure) throw failure.error;
  }

  async #step(playbook: Playbook, step: PlaybookStep, alert: Alert): Promise<{ record: StepRecord; error?: unknown }> {
    const effect = effectKey(step, alert);
    const decision = this.#parts.guard.decide(playbook, step, alert);
    const { target } = decision;
    const base = { action: step.action, target, effect };
    try {
      let ending: Ending;
      if (decision.verdict === 'allowed') {
        const { permit } = decision;
        const act = (): Promise<Ending> => this.#act(playbook, base, alert, permit);
        ending = await (permit.acts ? this.#inTurn(act) : act());
      } else {
        ending = { outcome: decision.verdict, reason: decision.reason };
      }
      const record = { ...base, ...ending };
      await this.#audit(playbook, alert, record);
      return { record };
    } catch (error) {
      const record: StepRecord = { ...base, outcome: 'failed', reason: describeError(error) };
      // The failure itself is what the queue must hear of, also when the disk is full.
      await this.#audit(playbook, alert, record).catch(() => undefined);
      return { record, error };
    }
  }

  async #act(
    playbook: Playbook,
    { effect, ...what }: Pick<StepRecord, 'action' | 'target' | 'effect'>,
    alert: Alert,
    permit: Permit,
  ): Promise<Ending> {
    const { effects } = this.#parts;
    const state = await effects.begin(effect, what);
    if (state === 'done') return { outcome: 'already', reason: 'the ledger says that it was done before' };
    let phase: 'before' | 'running' | 'after' = 'before';
    try {
      if (await permit.holds()) {
        await effects.complete(effect);
        permit.settle();
        return state === 'unknown'
          ? { outcome: 'done', reason: 'an earlier try had begun; the target is in the wanted state' }
          : { outcome: 'already', reason: 'the target was in that state already' };
      }
      // Written first: an effect without a line in the audit log must not be possible.
      await this.#audit(playbook, alert, { ...what, effect, outcome: 'begin', reason: null });
      phase = 'running';
      const refused = await permit.run(effect);
      if (refused !== null) {
        if (state === 'new') await effects.abandon(effect);
        return { outcome: 'refused', reason: refused };
      }
      phase = 'after';
      await effects.complete(effect);
      permit.settle();
      return { outcome: 'done', reason: null };
    } catch (error) {
      const nothingHappened = phase === 'before' || (phase === 'running' && leftNoEffect(error));
      // An earlier try of unknown fate stays unknown. A ledger that is away leaves `unknown`, too, which is safe: the next try looks first.
      if (state === 'new' && nothingHappened) await effects.abandon(effect).catch(() => undefined);
      throw error;
    }
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(act);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  #audit(
    playbook: Playbook,
    alert: Alert,
    step: Omit<StepRecord, 'outcome'> & { outcome: StepRecord['outcome'] | 'begin' },
  ): Promise<void> {
    const { action, target, outcome, effect, reason } = step;
    return this.#parts.audit.append({
      who: `playbook:${playbook.id}`,
      what: { event: outcome, action, target: `${target.kind}:${target.id}`, effect, mode: this.#parts.guard.mode },
      why: {
        reason,
        alert: alert.id,
        incident: alert.incident_id,
        tenant: alert.entities.tenant,
        detector: alert.detector,
        severity: alert.severity,
        event: alert.event_ids.at(-1) ?? null,
      },
    });
  }

  async #record(job: Job<ResponseJob>, playbook: Playbook, steps: StepRecord[], failure: unknown): Promise<void> {
    const { alert } = job.data;
    const record: ResponseRecord = {
      id: job.id,
      '@timestamp': new Date(this.#parts.now()).toISOString(),
      playbook: playbook.id,
      alert_id: alert.id,
      incident_id: alert.incident_id,
      mode: this.#parts.guard.mode,
      steps,
    };
    try {
      await this.#parts.store.putResponse(record);
    } catch (error) {
      // The effects are done and audited; only the record waits for the store. A failure of a step goes before it.
      if (failure === undefined) throw new RetryLater(STORE_RETRY_MS, `response ${job.id}: ${describeError(error)}`);
    }
  }
}
