/** A dangerous right that was there all along is used for the first time after a long time. */
import { knows, meet } from '../../src/detect/parts/familiar.ts';
import { shortName } from '../../src/detect/parts/name.ts';
import type { PeerView } from '../../src/detect/parts/peers.ts';
import type { FindingDraft } from '../../src/model/finding.ts';
import type { Key } from '../../src/model/key.ts';
import type { Observation } from '../../src/model/observation.ts';
import { highRisk } from './rights.ts';
import type { Params, State } from './state.ts';

const DAY = 24 * 60 * 60 * 1_000;
/** A list of tools or a version younger than this explains a first use. */
const NEW_KIT = 7 * DAY;
const MAX_RISKY = 8;

/** Tools and version of the caller, as far as the log tells. */
export function kitOf({ toolList, agentVersion }: Observation): string {
  return `${toolList ?? ''} ${shortName(agentVersion ?? '', 40)}`;
}

/** Administration speaks for the key; running commands for the agent, and for the key of a caller that names no agent. */
export function firstHighRisk(
  observation: Observation,
  state: State,
  params: Params,
  key: Key,
  peers: PeerView,
): FindingDraft | undefined {
  const kind = highRisk(observation);
  if (kind === undefined || key.dimension === 'principal') return undefined;
  if (key.dimension === 'agent' ? kind === 'administration' : kind === 'commands' && observation.agent !== undefined)
    return undefined;
  const known = knows(state.risky, kind);
  meet(state.risky, kind, observation.time, MAX_RISKY);
  const age = (observation.time - (state.first ?? observation.time)) / DAY;
  if (known || age < params.lateDays || state.days <= params.lateActiveDays) return undefined;
  const kit = state.kits.met[kitOf(observation)];
  const changed = kit !== undefined && observation.time - kit[0] < NEW_KIT;
  const others = kind === 'commands' ? peers.doers('commands') : { team: 0, tenant: 0 };
  const tool = observation.calls.find(({ labels, programs }) => (labels.exec ?? 0) > 0 || programs.length > 0)?.tool;
  return {
    about: `first ${kind}`,
    title: `First use of a right to ${kind === 'commands' ? 'run commands' : 'administer'} after a long time`,
    stage: 'own',
    severity: changed || others.team > 1 ? 'low' : 'medium',
    confidence: changed ? 0.3 : others.team > 1 || others.tenant > 5 ? 0.4 : 0.6,
    evidence: [
      {
        kind: 'first-high-risk-use',
        observed:
          kind === 'commands'
            ? `ran a command${tool === undefined ? '' : ` with ${tool.slice(0, 60)}`} for the first time`
            : `changed a ${observation.change?.kind.slice(0, 40) ?? 'setting'} for the first time`,
        usual: `no such call in ${Math.floor(age)} days and ${state.days - 1} active days${changed ? '; its tools or version are new' : ''}`,
        quiet_if: `it had done so before, or been younger than ${params.lateDays} days`,
      },
    ],
  };
}
