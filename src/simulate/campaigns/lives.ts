/** Extra people for campaigns: accounts with an ordinary life before, and the changes that an administrator makes to their keys. */
import { chatPlan } from '../benign.ts';
import type { Change } from '../fact.ts';
import type { FactPlan, SessionPlan } from '../play.ts';
import { DAY, isWeekend, workingMoment } from '../rhythm.ts';
import { changePlan } from '../services.ts';
import { makePerson, type Person, TEAMS } from '../staff.ts';
import type { Stage } from './campaign.ts';

/** Somebody with a key who is not on the payroll. */
export function contractor(stage: Stage): Person {
  const person = makePerson(stage.random, stage.random.int(900, 999), stage.random.pick(TEAMS), 0);
  return { ...person, id: `ext.${person.id}`, email: person.email.replace('@', '.ext@'), sessions: true };
}

/** What the person did on working days from the first day until `until` (epoch milliseconds), the last `quiet` days left out. */
export function earlierDays(stage: Stage, person: Person, until: number, quiet = 0, perDay = 2): SessionPlan[] {
  const plans: SessionPlan[] = [];
  for (let day = stage.first; day < until - quiet * DAY; day += DAY) {
    if (isWeekend(day)) continue;
    for (let i = 0; i < perDay; i++) {
      const start = workingMoment(stage.random, day, person.from, person.to);
      if (start < until - quiet * DAY - 3_600_000)
        plans.push(chatPlan(stage.random, person, `${stage.id} before ${day}.${i}`, start));
    }
  }
  return plans;
}

/** A change of a person's key. */
export function keyChange(
  stage: Stage,
  label: string,
  start: number,
  key: { keyHash: string; id: string },
  change: Pick<Change, 'action' | 'before' | 'after'> & Partial<Pick<Change, 'by' | 'byKeyHash'>>,
): FactPlan {
  return changePlan(`${stage.id} ${label}`, start, {
    table: 'LiteLLM_VerificationToken',
    object: key.keyHash,
    by: stage.admin.id,
    byKeyHash: stage.admin.keyHash,
    ...change,
  });
}
