/** The detect stage: runs every detector on every key of an observation, in event time, and turns drafts into findings. */
import type { Entities, Finding, FindingDraft } from '../model/finding.ts';
import { contentId, withoutPrints } from '../model/ids.ts';
import { type Dimension, type Key, keyText } from '../model/key.ts';
import type { Observation } from '../model/observation.ts';
import { APPLIED_AGAIN, Cells, type CellsSnapshot, type Changes } from '../stream/cells.ts';
import { type Detector, lookbackOf } from './contract.ts';
import { keysOf } from './keys.ts';
import { PeerTables } from './peers/peers.ts';

/** A detector with the params it runs with. */
export interface Installed {
  detector: Detector;
  params: unknown;
}

export interface DetectionHooks {
  /** A detector threw or returned something that is no finding: the others go on. */
  failed?: (detector: string, error: unknown) => void;
}

interface KeyForms {
  key: Key;
  text: string;
}

const MAX_EVENT_IDS = 50;
/** Never changed. */
const NONE: Finding[] = [];

interface Running extends Installed {
  cells: Cells<Observation, unknown, Finding>;
}

export class Detection {
  readonly #running: Running[];
  readonly #hooks: DetectionHooks;
  /** Part of a snapshot: to be restored before the keys. */
  readonly peers: PeerTables;
  /** The key that was put last, in both forms: what is applied next is nearly always the same. */
  #last: KeyForms = { key: { tenant: '', dimension: 'tenant', id: '' }, text: '' };

  constructor(installed: Installed[], hooks: DetectionHooks = {}) {
    this.#hooks = hooks;
    this.peers = new PeerTables(
      installed.map(({ detector }) => detector),
      hooks.failed,
    );
    this.#running = installed.map((one) => ({ ...one, cells: this.#cellsFor(one, hooks) }));
  }

  #cellsFor({ detector, params }: Installed, hooks: DetectionHooks): Cells<Observation, unknown, Finding> {
    return new Cells<Observation, unknown, Finding>({
      lookback:
        typeof detector.lookback === 'number'
          ? () => detector.lookback as number
          : (text) => lookbackOf(detector, parseKey(text).dimension),
      initial: () => attempt(() => detector.initial(), hooks, detector.id),
      leastLookback: Math.min(...detector.keys.map((dimension) => lookbackOf(detector, dimension))),
      lost: (_key, error) => hooks.failed?.(detector.id, error),
      step: (text, observation, state, again) => {
        const key = text === this.#last.text ? this.#last.key : parseKey(text);
        try {
          const drafts = detector.observe(observation, state, {
            params,
            key,
            peers: this.peers.view(detector, observation),
          });
          if (drafts.length === 0) return NONE;
          return drafts.map((draft, place) =>
            complete(detector, key, observation, draft, twinsOf(place, drafts, key, observation)),
          );
        } catch (error) {
          if (!again) hooks.failed?.(detector.id, error);
          return [];
        }
      },
    });
  }

  /** Applies one observation. The caller hands them over in event-time order as far as it can. */
  observe(observation: Observation, changes: Changes<Finding>): void {
    this.peers.observe(observation);
    // Several detectors share a dimension: its keys are worked out once.
    const known: { [D in Dimension]?: KeyForms[] } = {};
    for (const { detector, cells } of this.#running) {
      for (const dimension of detector.keys) {
        if (detector.concerns !== undefined && !this.#concerns(detector, observation, dimension)) continue;
        known[dimension] ??= keysOf(observation, dimension).map((key) => ({ key, text: keyText(key) }));
        for (const forms of known[dimension]) {
          this.#last = forms;
          cells.put(forms.text, observation, changes);
        }
      }
    }
  }

  #concerns(detector: Detector, observation: Observation, dimension: Dimension): boolean {
    try {
      return detector.concerns?.(observation, dimension) ?? true;
    } catch (error) {
      this.#hooks.failed?.(detector.id, error);
      return false;
    }
  }

  /** Findings that the watermark made final. */
  close(watermark: number): Finding[] {
    this.peers.close(watermark - APPLIED_AGAIN);
    const final: Finding[] = [];
    for (const { cells } of this.#running) final.push(...cells.close(watermark));
    return final;
  }

  /** Forgets keys that have been idle longer than their look-back; returns how many. */
  expire(): number {
    return this.#running.reduce((sum, { cells }) => sum + cells.expire(), 0);
  }

  /** Keys held per detector. */
  sizes(): Record<string, number> {
    return Object.fromEntries(this.#running.map(({ detector, cells }) => [detector.id, cells.size]));
  }

  snapshot(): DetectionSnapshot {
    return this.#running.map(({ detector, cells }) => [detector.id, detector.stateVersion, cells.snapshot()]);
  }

  /** State of a detector that is gone, or of another state version, is dropped. */
  restore(snapshot: DetectionSnapshot): void {
    for (const [id, version, cells] of snapshot) {
      const running = this.#running.find(({ detector }) => detector.id === id && detector.stateVersion === version);
      running?.cells.restore(cells);
    }
  }
}

/** What a detector's own code gives, or undefined when it throws: the other detectors go on. */
function attempt(work: () => unknown, hooks: DetectionHooks, detector: string): unknown {
  try {
    return work();
  } catch (error) {
    hooks.failed?.(detector, error);
    return undefined;
  }
}

export type DetectionSnapshot = [string, number, CellsSnapshot<Observation>][];

function parseKey(text: string): Key {
  const [tenant = '', dimension = ''] = text.split('|', 2);
  return {
    tenant: tenant.replaceAll('%7C', '|').replaceAll('%25', '%'),
    dimension: dimension as Key['dimension'],
    id: text.slice(tenant.length + dimension.length + 2),
  };
}

/**
 * Fingerprints are left out of ids; what tells two findings of one record apart without them: their places among those that are the same
 * but for fingerprints, and the key's place among the record's secrets.
 */
function twinsOf(place: number, drafts: readonly FindingDraft[], key: Key, observation: Observation): string {
  const subject = withoutPrints(String(drafts[place]?.about));
  const twins = drafts.slice(0, place).filter(({ about }) => withoutPrints(String(about)) === subject).length;
  if (withoutPrints(key.id) === key.id) return twins === 0 ? '' : String(twins);
  return `${twins} ${keysOf(observation, key.dimension).findIndex(({ id }) => id === key.id)}`;
}

function complete(detector: Detector, key: Key, observation: Observation, draft: FindingDraft, twins: string): Finding {
  if (
    !(draft.confidence >= 0 && draft.confidence <= 1) ||
    typeof draft.about !== 'string' ||
    !Array.isArray(draft.evidence)
  )
    throw new TypeError('a finding needs about, evidence and a confidence from 0 to 1');
  const earlier = [...new Set(draft.eventIds)].filter((id) => id !== observation.id);
  return {
    id: contentId('fi', [
      key.tenant,
      detector.id,
      key.dimension,
      withoutPrints(key.id),
      withoutPrints(draft.about),
      observation.id,
      twins,
    ]),
    time: observation.time,
    detector: detector.id,
    class: detector.class,
    maturity: detector.maturity,
    key,
    about: draft.about,
    title: draft.title ?? detector.title,
    severity: draft.severity ?? detector.severity,
    confidence: Math.round(draft.confidence * 1_000) / 1_000,
    entities: { ...entitiesOf(observation, key), ...draft.entities },
    eventIds: [...earlier.slice(1 - MAX_EVENT_IDS), observation.id],
    evidence: draft.evidence,
    techniques: draft.techniques ?? detector.techniques,
    untrustedTrigger: draft.untrustedTrigger ?? false,
    stage: draft.stage ?? null,
    ...(draft.signal && { signal: true }),
  };
}

function entitiesOf(observation: Observation, key: Key): Entities {
  return {
    tenant: observation.tenant,
    principal: observation.principal ?? null,
    credential: observation.credential ?? null,
    session: observation.session ?? null,
    agent: observation.agent ?? null,
    endpoint: observation.endpoint ?? null,
    tool: key.dimension === 'tool' ? key.id : null,
    resource: key.dimension === 'resource' ? key.id : null,
  };
}
