/** The one place that decides whether an action may run. Nothing else in Nightjar holds an action, so nothing else can run one. */
import { NightjarError } from '../errors.ts';
import type { Alert, DetectorClass } from '../model/finding.ts';
import type { Target } from '../model/response.ts';
import type { Action, Effects } from '../ports.ts';
import { leftNoEffect } from './http.ts';
import { type NeverTouch, neverTouch } from './never-touch.ts';
import { matchPlaybooks, type Playbook, type PlaybookStep, targetOf } from './playbook.ts';

/** What an action is, without the means to run it. */
export type ActionFacts = Omit<Action, 'holds' | 'run'>;

const HOUR_MS = 3_600_000;

/** What each class of detector may set in motion by itself. */
const ALLOWED: Record<DetectorClass, readonly Action['strength'][]> = {
  artifact: ['notify', 'throttle', 'contain'],
  behaviour: ['notify', 'throttle'],
  judgment: ['notify'],
};

export interface GuardPolicy {
  mode: 'observe' | 'enforce';
  /** Entries `kind:id`, see never-touch.ts. */
  neverTouch: readonly string[];
  /** Distinct targets that containing and throttling actions may reach within an hour. */
  maxTargetsPerHour: number;
}

/** Leave to run one action on one target, once. Only the guard makes them. */
export interface Permit {
  /** True when it changes something, so that it counts towards the limit per hour. */
  readonly acts: boolean;
  /** The target is already in the wanted state. */
  holds(): Promise<boolean>;
  /**
   * Runs the action, unless the limit per hour is reached.
   * @returns null when it ran, else why it did not
   */
  run(effect: string): Promise<string | null>;
  /** The ledger counts the effect now. Until told so the guard counts the target itself, since it may have been reached. */
  settle(): void;
}

export type Decision =
  | { verdict: 'observed' | 'refused'; target: Target; reason: string }
  | { verdict: 'allowed'; target: Target; permit: Permit };

export interface GuardParts {
  policy: GuardPolicy;
  /** What every action is, configured here or not: observe mode judges a playbook before its far sides are set up. */
  facts: readonly ActionFacts[];
  /** The actions that are configured here. */
  actions: readonly Action[];
  effects: Pick<Effects, 'countSince'>;
  /** Epoch milliseconds. */
  now: () => number;
}

export class Guard {
  readonly mode: GuardPolicy['mode'];
  readonly #parts: GuardParts;
  readonly #never: NeverTouch;
  readonly #facts: Map<string, ActionFacts>;
  readonly #actions: Map<string, Action>;
  /** Targets that a run was aimed at and that the ledger does not count, with the time: the answer was lost, or is on its way. */
  readonly #open = new Map<string, number>();

  /** Throws `NJ_CONFIG` on a faulty never-touch list. */
  constructor(parts: GuardParts) {
    this.mode = parts.policy.mode;
    this.#parts = parts;
    this.#never = neverTouch(parts.policy.neverTouch);
    this.#facts = new Map(parts.facts.map((facts) => [facts.id, facts]));
    this.#actions = new Map(parts.actions.map((action) => [action.id, action]));
  }

  /** Throws `NJ_CONFIG` when enforcing and a playbook uses an action that is not configured: better at start than in an incident. */
  require(playbooks: readonly Playbook[]): void {
    if (this.mode !== 'enforce') return;
    for (const { id, steps } of playbooks) {
      const missing = steps.find(({ action }) => !this.#actions.has(action));
      if (!missing) continue;
      throw new NightjarError('NJ_CONFIG', `playbook ${id} uses ${missing.action}, which respond does not configure`, {
        hint: 'configure it or take the playbook out of the folder',
      });
    }
  }

  /**
   * Decides one step. Refusals come before `observed`, so that a record made in observe mode tells what enforce would do; only the limit
   * per hour is left to `Permit.run`, since in observe mode there are no effects to count.
   */
  decide(playbook: Playbook, step: PlaybookStep, alert: Alert): Decision {
    const target = targetOf(step, alert);
    if (!target) {
      const reason = `the alert names no ${step.target}`;
      return { verdict: 'refused', target: { kind: step.target, id: '' }, reason };
    }
    const facts = this.#facts.get(step.action);
    const reason = facts ? this.#refusal(playbook, facts, target, alert) : `there is no action ${step.action}`;
    if (reason !== null) return { verdict: 'refused', target, reason };
    if (this.mode !== 'enforce') {
      return { verdict: 'observed', target, reason: 'the mode is observe: nothing was done' };
    }
    const action = this.#actions.get(step.action);
    if (!action) return { verdict: 'refused', target, reason: `${step.action} is not configured here` };
    return { verdict: 'allowed', target, permit: this.#permit(playbook, action, target, alert) };
  }

  #refusal(playbook: Playbook, action: ActionFacts, target: Target, alert: Alert): string | null {
    if (matchPlaybooks([playbook], alert).length === 0) return 'the playbook no longer calls for this alert';
    if (!action.targets.includes(target.kind)) return `${action.id} cannot be aimed at ${target.kind}`;
    const acts = action.strength !== 'notify';
    const listed = this.#never.covers(target) ?? (acts ? this.#never.coversOwner(target, alert) : undefined);
    if (listed) return `never-touch list: ${listed}`;
    if (alert.untrusted_trigger && !['session', 'tool', 'alert'].includes(target.kind)) {
      return `untrusted content set the alert off: only its session or tool may be the target, not its ${target.kind}`;
    }
    if (!acts) return null;
    if (!ALLOWED[alert.class].includes(action.strength)) {
      return `a detector of class ${alert.class} may not ${action.strength} by itself`;
    }
    if (alert.maturity !== 'stable') return `the detector is ${alert.maturity}: only a stable one may act by itself`;
    if (alert.stage === 'learning') return 'the detector is still learning what is usual here: nothing may act on it';
    return null;
  }

  #permit(playbook: Playbook, action: Action, target: Target, alert: Alert): Permit {
    const acts = action.strength !== 'notify';
    const name = `${acts ? 'act' : 'notify'}:${target.kind}:${target.id}`;
    return {
      acts,
      holds: () => action.holds(target, alert),
      run: async (effect) => {
        const full = await this.#full(playbook, acts, name);
        if (full !== null) return full;
        this.#open.set(name, this.#parts.now());
        try {
          await action.run(target, alert, effect);
        } catch (error) {
          if (leftNoEffect(error)) this.#open.delete(name);
          throw error;
        }
        return null;
      },
      settle: () => this.#open.delete(name),
    };
  }

  /** Why there is no room for one more target, or null. Telling somebody must not use up the room for containing, nor vice versa. */
  async #full(playbook: Playbook, acts: boolean, name: string): Promise<string | null> {
    const general = acts ? this.#parts.policy.maxTargetsPerHour : Number.POSITIVE_INFINITY;
    const limit = Math.min(general, playbook.limits?.perHour ?? Number.POSITIVE_INFINITY);
    const since = this.#parts.now() - HOUR_MS;
    for (const [one, time] of this.#open) if (time < since) this.#open.delete(one);
    if (!Number.isFinite(limit)) return null;
    const alike = [...this.#facts.values()].filter(({ strength }) => (strength !== 'notify') === acts);
    const ids = alike.map(({ id }) => id);
    const kind = acts ? 'act:' : 'notify:';
    const open = [...this.#open.keys()].filter((one) => one.startsWith(kind) && one !== name).length;
    const count = (await this.#parts.effects.countSince(since, ids)) + open;
    return count >= limit ? `limit reached: ${count} targets within the hour, ${limit} allowed` : null;
  }
}
