/** Exposed endpoint: a model server or gateway answers whom it should not, or somebody is looking for one that does. */
import { z } from 'zod';
import { defineDetector } from '../../src/detect/contract.ts';
import { newOrigins } from '../../src/detect/parts/origins.ts';
import type { PeerFact } from '../../src/detect/parts/peers.ts';
import { reachOf } from '../../src/detect/parts/reach.ts';
import type { Dimension } from '../../src/model/key.ts';
import type { Observation } from '../../src/model/observation.ts';
import { defaultKey } from './default-keys.ts';
import { atEndpoint, type EndpointState, isAnonymous, newEndpoint, placeOf } from './endpoint.ts';
import { type KeyState, keyUsed } from './keys.ts';
import { isChange, isScanner, isTurnedAway, probeOf } from './probes.ts';
import { newScan, type ScanState, scan } from './scan.ts';

const params = z.strictObject({
  /** Distinct paths in ten minutes from one network that are a search. */
  paths: z.number().int().positive().default(20),
  /** Calls turned away in ten minutes from one network, and distinct paths among them, that are a search. */
  refused: z.number().int().positive().default(10),
  refusedPaths: z.number().int().positive().default(6),
  /** Products whose listings are asked for: no client needs those of so many. */
  products: z.number().int().positive().default(3),
  /** Public networks and paths of one program within an hour that are one search. */
  crowd: z.number().int().positive().default(4),
  crowdPaths: z.number().int().positive().default(6),
  /** An endpoint asks who calls when it has seen so many calls with an identity, and at most this share of them without. */
  identified: z.number().int().positive().default(100),
  anonymousShare: z.number().min(0).max(1).default(0.02),
  /** Calls without an identity in an hour that are critical. */
  repeated: z.number().int().positive().default(3),
});

/** Each kind of key has one part. */
interface State {
  endpoint: EndpointState | null;
  network: ScanState | null;
  key: KeyState | null;
}

const DAY = 24 * 60 * 60 * 1_000;

export default defineDetector<State, z.infer<typeof params>>({
  id: 'exposed-endpoint',
  title: 'Model endpoint is open to strangers',
  class: 'artifact',
  maturity: 'experimental',
  severity: 'medium',
  techniques: ['AML.T0049', 'AML.T0006', 'T1190', 'T1595.003', 'T1078.001'],
  keys: ['endpoint', 'tenant', 'network', 'credential'],
  params,
  lookback: 30 * DAY,
  bound: 160 * 1024,
  stateVersion: 1,
  initial: () => ({ endpoint: null, network: null, key: null }),
  concerns,
  peers: factsOf,
  observe(observation, state, { params, key, peers }) {
    switch (key.dimension) {
      case 'credential':
        if (observation.credential !== key.id) return [];
        state.key ??= { origins: newOrigins(), told: {} };
        return keyUsed(observation, state.key);
      case 'network':
        state.network ??= newScan();
        return scan(observation, state.network, params);
      default:
        state.endpoint ??= newEndpoint();
        return atEndpoint(observation, state.endpoint, params, peers);
    }
  },
});

function concerns(observation: Observation, dimension: Dimension): boolean {
  const { credential, credentialKind, status, client, route, endpoint } = observation;
  if (dimension === 'credential') return credentialKind === 'master' || defaultKey(credential) !== undefined;
  const asks = probeOf(route) !== undefined || isTurnedAway(observation) || isScanner(client);
  if (dimension === 'network') return asks || (status === 'ok' && reachOf(observation) === 'outside');
  // Without the name of the server its calls are the tenant's.
  if ((dimension === 'tenant') !== (endpoint === undefined) || reachOf(observation) !== 'outside') return false;
  return asks || isChange(route) || (status === 'ok' && isAnonymous(observation));
}

/** How many calls of a place name somebody, how many do not, and whether any is refused; and which networks have users. */
function factsOf(observation: Observation): PeerFact[] {
  const { status, id, network, principal, credential, operation } = observation;
  if (operation === 'admin') return [];
  const place = placeOf(observation);
  if (status !== 'ok') return status === 'denied' ? [{ deed: `refused ${place}`, by: id }] : [];
  const by = principal ?? credential;
  return [
    { deed: `${isAnonymous(observation) ? 'anonymous' : 'identified'} ${place}`, by: id },
    ...(network !== undefined && by !== undefined ? [{ deed: `from ${network}`, by }] : []),
  ];
}
