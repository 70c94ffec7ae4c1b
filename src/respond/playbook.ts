/** What a playbook is, which playbooks an alert calls for, and the jobs that follow: pure functions. */
import { z } from 'zod';
import { type Alert, atLeast, SEVERITIES } from '../model/finding.ts';
import { contentId } from '../model/ids.ts';
import type { ResponseJob, Target } from '../model/response.ts';
import type { Job } from '../ports.ts';

const id = z.string().regex(/^[a-z][a-z0-9-]*$/, 'must be kebab-case: lower-case letters, digits and hyphens');

/** Maturities, least first: a playbook's `maturity` is a floor. */
const MATURITIES = ['experimental', 'incubating', 'stable'] as const;
const ENTITIES = ['principal', 'credential', 'session', 'agent', 'endpoint', 'tool', 'resource'] as const;

/** The YAML file's shape. Every condition in `when` must hold; a condition that is left out always does. */
export const playbookSchema = z.strictObject({
  id,
  description: z.string().min(1),
  when: z.strictObject({
    detector: z.array(id).min(1).describe('any of these detectors'),
    severity: z.enum(SEVERITIES).optional().describe('at least'),
    confidence: z.number().min(0).max(1).optional().describe('at least'),
    class: z.enum(['artifact', 'behaviour', 'judgment']).optional(),
    maturity: z.enum(MATURITIES).optional().describe('at least'),
    entity: z.array(z.enum(ENTITIES)).min(1).optional().describe('the alert names all of these'),
  }),
  steps: z
    .array(
      z.strictObject({
        action: id,
        target: z.enum(['credential', 'principal', 'session', 'agent', 'tool', 'endpoint', 'alert']),
      }),
    )
    .min(1)
    .max(20),
  limits: z
    .strictObject({
      perHour: z
        .number()
        .int()
        .positive()
        .describe('takes no new target once this many had an effect within the hour, whichever playbook caused it'),
    })
    .optional(),
});

export type Playbook = z.infer<typeof playbookSchema>;
export type PlaybookStep = Playbook['steps'][number];

/** The playbooks that this alert calls for, in their own order. */
export function matchPlaybooks(playbooks: readonly Playbook[], alert: Alert): Playbook[] {
  return playbooks.filter(({ when }) => {
    if (!when.detector.includes(alert.detector)) return false;
    if (when.severity && !atLeast(alert.severity, when.severity)) return false;
    if (when.confidence !== undefined && alert.confidence < when.confidence) return false;
    if (when.class && alert.class !== when.class) return false;
    if (when.maturity && MATURITIES.indexOf(alert.maturity) < MATURITIES.indexOf(when.maturity)) return false;
    return !when.entity?.some((kind) => !alert.entities[kind]);
  });
}

/** Where a step is aimed for this alert; null when the alert does not name such an entity. */
export function targetOf(step: PlaybookStep, alert: Alert): Target | null {
  if (step.target === 'alert') return { kind: 'alert', id: alert.id };
  const entity = alert.entities[step.target];
  return entity ? { kind: step.target, id: entity } : null;
}

/**
 * Key under which a step's effect happens at most once: incident, action, target. A step aimed at the alert stands for its incident and
 * severity instead, so that an incident is told once, and again when it gets worse, not once per alert.
 */
export function effectKey(step: PlaybookStep, alert: Alert): string {
  return contentId('ef', [alert.incident_id, step.action, ...identity(step, alert)]);
}

/**
 * One job per playbook, incident and set of targets. Further alerts of the incident that aim at the same targets make the same job id and
 * so no further run. What a guard's answer rests on is part of the id too: a run that was refused (say, because untrusted text had set the
 * alert off) gets another chance when a later alert stands on firmer ground. Whatever runs again, `effectKey` keeps an effect single.
 */
export function responseJobs(playbooks: readonly Playbook[], alert: Alert): Job<ResponseJob>[] {
  return matchPlaybooks(playbooks, alert).map((playbook) => {
    const jobId = contentId('re', [
      playbook.id,
      alert.incident_id,
      alert.severity,
      alert.untrusted_trigger ? 'untrusted' : '',
      alert.stage === 'learning' ? 'learning' : '',
      ...playbook.steps.flatMap((step) => [step.action, ...identity(step, alert)]),
    ]);
    return { id: jobId, data: { id: jobId, playbook: playbook.id, alert } };
  });
}

function identity(step: PlaybookStep, alert: Alert): [string, string] {
  return step.target === 'alert' ? ['alert', alert.severity] : [step.target, targetOf(step, alert)?.id ?? ''];
}
