/** Keys that open an endpoint to everybody: a known default that works, the master key in a strange network. */
import { arrive, type Origins } from '../../src/detect/parts/origins.ts';
import { reachOf } from '../../src/detect/parts/reach.ts';
import type { FindingDraft, Severity } from '../../src/model/finding.ts';
import type { Observation } from '../../src/model/observation.ts';
import { type DefaultKey, defaultKey } from './default-keys.ts';

const DAY = 24 * 60 * 60 * 1_000;

export interface KeyState {
  origins: Origins;
  /** Severity → when it was last told. */
  told: Partial<Record<Severity, number>>;
}

export function keyUsed(observation: Observation, state: KeyState): FindingDraft[] {
  if (observation.status !== 'ok') return [];
  const kind = defaultKey(observation.credential);
  if (kind !== undefined) return works(observation, kind, state);
  return observation.credentialKind === 'master' && observation.operation !== 'admin'
    ? masterUsed(observation, state)
    : [];
}

function works(observation: Observation, kind: DefaultKey, state: KeyState): FindingDraft[] {
  const reach = reachOf(observation);
  // Somebody is named all the same: then something else than the key has told who it is.
  const open = kind === 'guessable' || observation.principal === undefined;
  const severity =
    reach === 'outside' ? (open ? 'critical' : 'medium') : kind === 'guessable' ? 'medium' : ('low' as const);
  const told = state.told[severity];
  if (told !== undefined && observation.time - told < (severity === 'low' ? 30 * DAY : DAY)) return [];
  state.told[severity] = observation.time;
  const what = kind === 'guessable' ? 'a key from public sample configurations' : 'a placeholder in place of a key';
  return [
    {
      about: `default-key ${reach}`,
      title: 'A key that everybody knows works',
      severity,
      confidence: 0.95,
      evidence: [
        {
          kind: 'default-key',
          observed: `${what} was accepted${whereTo(observation)}${from(observation)}`,
          usual: 'keys are random and issued one by one',
          quiet_if: 'the call had been refused, or had used an issued key',
        },
      ],
    },
  ];
}

/** The master key may do everything: inference with it from a network where it never was. */
function masterUsed(observation: Observation, state: KeyState): FindingDraft[] {
  const strange = arrive(state.origins, observation).network;
  if (!strange) return [];
  const outside = reachOf(observation) === 'outside';
  return [
    {
      about: `master ${observation.network}`.slice(0, 100),
      title: 'Master key is used for inference from a new network',
      stage: 'own',
      severity: outside ? 'high' : 'low',
      confidence: outside ? 0.8 : 0.4,
      evidence: [
        {
          kind: 'master-key',
          observed: `the gateway's own key was used for ${observation.operation}${from(observation)}`,
          usual: `${Object.keys(state.origins.networks.met).length - 1} known networks in ${state.origins.days - 1} active days`,
          quiet_if: 'it had come from there on three days before',
        },
      ],
    },
  ];
}

export function whereTo({ endpoint, route }: Observation): string {
  const to = [endpoint?.slice(0, 80), route?.slice(0, 60)].filter((part) => part !== undefined).join(' ');
  return to === '' ? '' : ` at ${to}`;
}

export function from(observation: Observation): string {
  if (observation.network === undefined) return '';
  const reach = reachOf(observation) === 'outside' ? 'a public network' : 'an inside network';
  return ` from ${observation.network.slice(0, 80)}, ${reach}`;
}
