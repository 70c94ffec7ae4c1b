/** Rights: what a call shows to have been allowed, and which names of rights allow too much. */
import { shortName } from '../../src/detect/parts/name.ts';
import { templateOf } from '../../src/detect/parts/template.ts';
import type { Observation } from '../../src/model/observation.ts';

const MAX_NAME = 80;
/** From this confidence on a tool is taken for what its label says. */
const SURE = 0.5;

/** Rights on everything. */
const WILDCARD = /^(?:\*|all|any|.*[:./]\*|all[-_](?:proxy|team|org)[-_]models)$/i;
/** Rights on the system itself. */
const ADMIN = /(?:^|[^a-z])(?:admin|administrator|owner|root|superuser|proxy_admin|org_admin)(?![a-z])/i;
const RISKY =
  /(?:^|[^a-z])(?:delete|write|exec|execute|shell|deploy|manage|rotate|impersonate|transfer|pay|grant)(?![a-z])/i;

export function isWildcard(right: string): boolean {
  return WILDCARD.test(right.slice(0, 256));
}

export function isAdmin(right: string): boolean {
  return ADMIN.test(right.slice(0, 256));
}

/** A right that is worth asking for again when nobody uses it. */
export function isRisky(right: string): boolean {
  return isAdmin(right) || RISKY.test(right.slice(0, 256));
}

/** Inference, as against administration and what only an access log saw. */
export function isInference({ operation }: Observation): boolean {
  return operation === 'chat' || operation === 'embeddings' || operation === 'tool';
}

/** What a call that succeeded used: `model x`, `tool y`, `admin`. */
export function usedRights(observation: Observation): string[] {
  if (observation.operation === 'admin') return ['admin'];
  const used = new Set<string>();
  if (observation.model !== undefined) used.add(`model ${short(observation.model)}`);
  for (const { tool } of observation.calls.slice(0, 16)) used.add(`tool ${short(tool)}`);
  return [...used];
}

/** The most dangerous kind of right that the call uses: administration, or running commands. */
export function highRisk(observation: Observation): 'administration' | 'commands' | undefined {
  if (observation.operation === 'admin') return 'administration';
  const runs = observation.calls.some(({ labels, programs }) => (labels.exec ?? 0) >= SURE || programs.length > 0);
  return runs ? 'commands' : undefined;
}

/** True when something that was used shows that a granted right is needed: all words of the right stand in its name. */
export function covers(right: string, used: readonly string[]): boolean {
  const words = right.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return used.some((name) => words.every((word) => name.toLowerCase().includes(word)));
}

function short(name: string): string {
  return shortName(templateOf(name), MAX_NAME);
}
