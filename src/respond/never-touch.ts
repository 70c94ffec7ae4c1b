/** The never-touch list: what no action may touch, whatever a playbook says. */
import { NightjarError } from '../errors.ts';
import type { Alert } from '../model/finding.ts';
import type { Target } from '../model/response.ts';

const KINDS = ['credential', 'principal', 'session', 'agent', 'tool', 'endpoint'] as const;

export interface NeverTouch {
  /** The entry that covers this target itself, or undefined. */
  covers(target: Target): string | undefined;
  /** The entry that covers whoever owns this target: cutting off a credential or session touches its principal and agent. */
  coversOwner(target: Target, alert: Alert): string | undefined;
}

/**
 * Reads the entries `kind:id`; the id may end in `*` for any rest. Credentials are `credential:sha256:<hex>`.
 * An entry that could never match is an error (`NJ_CONFIG`): silence would leave its target unprotected.
 * @example neverTouch(['principal:svc-payments', 'credential:sha256:9f86*'])
 */
export function neverTouch(entries: readonly string[]): NeverTouch {
  const parsed = entries.map((entry, i) => {
    const kind = entry.slice(0, Math.max(entry.indexOf(':'), 0));
    const pattern = entry.slice(kind.length + 1);
    const fault = faultOf(kind, pattern);
    if (fault) {
      throw new NightjarError('NJ_CONFIG', `respond.neverTouch[${i}]: "${entry}" ${fault}`, {
        hint: 'write kind:id, for example principal:svc-payments or credential:sha256:<hex>',
      });
    }
    return { entry, kind, pattern: normal(kind, pattern) };
  });
  const covers = (kind: string, id: string): string | undefined => {
    const exact = normal(kind, id);
    return parsed.find(
      (one) =>
        one.kind === kind &&
        (one.pattern.endsWith('*') ? exact.startsWith(one.pattern.slice(0, -1)) : exact === one.pattern),
    )?.entry;
  };
  return {
    covers: (target) => covers(target.kind, target.id),
    coversOwner(target, { entities }) {
      if (target.kind !== 'credential' && target.kind !== 'session') return undefined;
      return (
        (entities.principal ? covers('principal', entities.principal) : undefined) ??
        (entities.agent ? covers('agent', entities.agent) : undefined)
      );
    },
  };
}

function faultOf(kind: string, pattern: string): string | undefined {
  if (!(KINDS as readonly string[]).includes(kind)) return `does not begin with one of ${KINDS.join(', ')} and a colon`;
  if (pattern === '') return 'names no id';
  if (pattern.slice(0, -1).includes('*')) return 'has a * that is not at the end';
  if (kind === 'credential' && pattern !== '*' && !/^sha256:[0-9a-f]{0,64}\*?$/i.test(pattern)) {
    return 'is not a credential of the form sha256:<hex>';
  }
  return undefined;
}

/** Hex digests are the same in both cases; other ids are compared as they are. */
function normal(kind: string, id: string): string {
  return kind === 'credential' ? id.toLowerCase() : id;
}
