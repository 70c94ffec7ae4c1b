/** Whatever arrives, the state of one key of any installed detector stays under the bound that it declares. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { NO_PEERS } from '../../src/detect/parts/peers.ts';
import { loadDetectors } from '../../src/detect/registry.ts';
import type { Dimension, Key } from '../../src/model/key.ts';
import type { Observation, ToolLabel } from '../../src/model/observation.ts';
import { DETECTORS } from '../../src/replay.ts';
import { call, observation, START } from './observations.ts';

const OBSERVATIONS = 1_500;
const LONG = 10_000;
/** JSON writes each of these as six bytes. */
const WORST = '\u0001'.repeat(LONG - 20);
/** Ids are bounded by the formats; the longest that they let through. */
const ID = 'i'.repeat(240);

const name = (n: number, what: string) =>
  `${what}${n}${n % 3 === 0 ? WORST : n % 3 === 1 ? '語'.repeat(LONG - 20) : 'x'.repeat(LONG - 20)}`;
const keyId = `sha256:${'a'.repeat(64)}`;

function hostile(n: number, dimension: Dimension): Observation {
  const fresh = (what: string) => name(n, what);
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

for (const { detector, params } of await loadDetectors(DETECTORS)) {
  for (const dimension of detector.keys) {
    it(`${detector.id}: state of one ${dimension} stays under ${detector.bound} bytes`, () => {
      const key: Key = { tenant: 'default', dimension, id: dimension === 'credential' ? keyId : 'one' };
      const state = detector.initial();
      let most = 0;
      for (let n = 1; n <= OBSERVATIONS; n++) {
        const one = {
          ...hostile(n, dimension),
          ...(['credential', 'tool', 'resource', 'tenant'].includes(dimension) ? {} : { [dimension]: 'one' }),
        };
        // A detector with a fallback dimension uses it only where the first one is missing.
        if (dimension === 'principal') {
          delete one.agent;
          if (detector.id === 'exfiltration-prompt') delete one.session;
        }
        detector.observe(one, state, { params, key, peers: NO_PEERS });
        if (n % 100 === 0) most = Math.max(most, Buffer.byteLength(JSON.stringify(state)));
      }
      assert.ok(most <= detector.bound, `${most} bytes`);
    });
  }
}
