/** Changes of keys and configuration, by what they do to those who depend on the object. */
import type { Change } from '../../model/event.ts';

const ENDING = new Set([
  'deleted',
  'removed',
  'blocked',
  'revoked',
  'disabled',
  'deactivated',
  'invalidated',
  'suspended',
]);
const REVIVING = new Set(['created', 'unblocked', 'enabled', 'activated', 'restored', 'reactivated', 'resumed']);
const ROTATING = new Set(['rotated', 'regenerated']);

/** `ends`: nobody can use the object any more · `replaces`: users must move to a new one · `revives`: it can be used (again). */
export type Effect = 'ends' | 'replaces' | 'revives';

/** Undefined for a change that cuts nobody off. An end set to now or earlier is an end. */
export function effectOf({ action, expires }: Change, time: number): Effect | undefined {
  const verb = action.trim().toLowerCase();
  if (ENDING.has(verb)) return 'ends';
  if (ROTATING.has(verb)) return 'replaces';
  if (REVIVING.has(verb)) return 'revives';
  return typeof expires === 'number' && expires <= time ? 'ends' : undefined;
}
