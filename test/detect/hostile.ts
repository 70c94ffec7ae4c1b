/** Observations that try to fill a state: names that are new each time, as long as they get, of characters that JSON writes as six bytes. */
import type { Dimension } from '../../src/model/key.ts';
import type { Observation, ToolLabel } from '../../src/model/observation.ts';
import { call, observation, START } from './observations.ts';

const LONG = 10_000;
/** Beginnings repeat, ends are cut: so much of each is enough where many are made. */
const SHORT = 300;
/** Ids are bounded by the formats; the longest that they let through. */
const ID = 'i'.repeat(240);

/** JSON writes the first of these as six bytes. */
const FILL = ['\u0001', '語', 'x'].map((c) => [c.repeat(SHORT), c.repeat(LONG - 20)] as const);

/** The key that the observations of dimension `credential` share. */
export const keyId = `sha256:${'a'.repeat(64)}`;

/** @param long names of 10,000 characters, else of 300. */
export function hostile(n: number, dimension: Dimension, long = true): Observation {
  const fill = (FILL[n % 3] as readonly [string, string])[long ? 1 : 0];
  const fresh = (what: string) => `${what}${n}${fill}`;
  const labels: Partial<Record<ToolLabel, number>> = n % 2 ? { sink: 0.8, exec: 0.8 } : { read: 0.8, write: 0.8 };
  const order = {
    tool: fresh('o'),
    callId: 'c',
    strength: 1,
    takesOver: true,
    sameAct: true,
    namesTool: true,
    sourceNamed: false,
    aboutUser: true,
    copied: ['email' as const],
    saidByUser: 0,
  };
  const atom = (by: 'user' | 'tool') => ({
    path: fresh('p'),
    kind: 'email' as const,
    fingerprint: String(n).padStart(16, '0'),
    shown: 'e…@example.net',
    from: { by, tool: fresh('t') },
  });
  return {
    ...observation(`${ID}${n}`, START + n * 700, {
      principal: fresh('u'),
      session: fresh('s'),
      credential: dimension === 'credential' && n % 3 > 0 ? keyId : `sha256:${n}`,
      agent: n % 5 === 0 ? undefined : fresh('a'),
      agentVersion: fresh('v'),
      network: `${(n >> 8) % 256}.${n % 256}.0.0/24`,
      client: fresh('c'),
      endpoint: fresh('e'),
      route: fresh('r'),
      model: fresh('m'),
      provider: fresh('w'),
      team: fresh('g'),
      parent: fresh('d'),
      scopes: [fresh('z')],
      status: n % 4 === 0 ? 'denied' : n % 7 === 0 ? 'error' : 'ok',
      errorType: fresh('x'),
      httpStatus: n % 4 === 0 ? 403 : 200,
      inputTokens: n,
      outputTokens: 1,
      costUsd: n,
      seenCredentials: dimension === 'credential' ? [keyId] : [`sha256:${n}`],
      systemPrompt: String(n).padStart(16, '0'),
      signals: [
        { kind: 'secret-target', score: 0.6, role: 'user', span: [0, 1], decoded: [] },
        { kind: 'conceal', score: 0.3, role: 'user', span: [0, 1], decoded: [] },
      ],
      results: [
        {
          callId: 'c',
          tool: fresh('t'),
          labels: {},
          bytes: n,
          error: n % 2 === 0,
          fingerprint: String(n).padStart(16, '0'),
          shingles: [],
        },
      ],
      calls: [0, 1, 2].map((i) =>
        call(fresh(`t${i}`), {
          id: `${ID}${n}.${i}`,
          server: fresh('y'),
          labels,
          repeat: `${n}.${i}`,
          resources: [`path:${fresh(`f${i}`)}`, `host:${fresh(`h${i}`)}`],
          atoms: [atom('user'), atom('tool')],
          order,
        }),
      ),
    } as Partial<Observation>),
  };
}

/** The observation as one of the key of this dimension; its id is `one`, a credential's is {@link keyId}. */
export function ofKey(one: Observation, dimension: Dimension, detector: string): Observation {
  const mine = {
    ...one,
    ...(['credential', 'tool', 'resource', 'tenant'].includes(dimension) ? {} : { [dimension]: 'one' }),
  };
  if (dimension === 'tool') mine.calls = one.calls.map((of) => ({ ...of, tool: 'one' }));
  if (dimension === 'resource') mine.calls = one.calls.map((of) => ({ ...of, resources: ['one', ...of.resources] }));
  // A detector with a fallback dimension uses it only where the first one is missing.
  if (dimension === 'principal') {
    delete mine.agent;
    if (detector === 'exfiltration-prompt') delete mine.session;
  }
  return mine;
}
