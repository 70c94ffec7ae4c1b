/** Where the calls of a record send to: the hosts in arguments that address somebody, not those in a text that is sent. */
import { isUnder } from '../../src/detect/parts/domain.ts';
import type { ArgumentAtom, ObservedCall } from '../../src/model/observation.ts';
import hosts from './hosts.json' with { type: 'json' };

export interface Destination {
  call: ObservedCall;
  host: string;
  /** Fingerprint of the whole address. */
  address: string;
  /** `drop` tunnels, pastes and request catchers · `personal` mail providers. */
  kind: 'drop' | 'personal' | 'other';
  /** The user or the system prompt named it. */
  asked: boolean;
  /** It stands in nothing that anybody said: not in a prompt, not in a result. */
  unsaid: boolean;
}

const SURE = 0.5;
const CONTENT =
  /(?:^|[._])(?:body|content|contents|text|html|markdown|message|description|subject|summary|notes?|comment|data|attachments?)(?:\[\])?$/i;
const COMMAND = /(?:^|[._])(?:command|cmd|code|script|args|arguments)(?:\[\])?$|^\$$/i;
const MAX_DESTINATIONS = 24;

export function destinationsOf(calls: readonly ObservedCall[]): Destination[] {
  const found: Destination[] = [];
  for (const call of calls) {
    const sends = (call.labels.sink ?? 0) >= SURE;
    const runs = (call.labels.exec ?? 0) >= SURE;
    if (!sends && !runs) continue;
    for (const atom of call.atoms) {
      const host = hostOf(atom, call);
      if (host === undefined || found.length === MAX_DESTINATIONS) continue;
      const kind = isUnder(host, hosts.drop) ? 'drop' : isUnder(host, hosts.personal) ? 'personal' : 'other';
      // A command fetches from many hosts; only one that is made for handing things over says something.
      if (sends ? CONTENT.test(atom.path) : kind !== 'drop' || !COMMAND.test(atom.path)) continue;
      found.push({
        call,
        host,
        address: atom.fingerprint,
        kind,
        asked: atom.from.by === 'user' || atom.from.by === 'system',
        unsaid: atom.from.by === 'nobody',
      });
    }
  }
  return found;
}

export function isInfrastructure(host: string): boolean {
  return isUnder(host, hosts.infrastructure);
}

/** The short form that people are shown holds the host; where it is cut, the call's resources have it whole. */
function hostOf({ kind, shown }: ArgumentAtom, { resources }: ObservedCall): string | undefined {
  if (kind !== 'email' && kind !== 'url' && kind !== 'host') return undefined;
  const part = kind === 'email' ? shown.slice(shown.lastIndexOf('@') + 1) : shown.replace(/\/….*$/, '');
  const host = part.toLowerCase();
  if (!host.endsWith('…')) return host.includes('.') ? host : undefined;
  const whole = resources.find((resource) => resource.includes(host.slice(0, -1)));
  return whole?.slice(Math.max(whole.indexOf(':'), whole.lastIndexOf('@')) + 1);
}
