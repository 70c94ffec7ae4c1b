/** The detect stage: runs every detector on every key of an observation, in event time, and turns drafts into findings. */
import type { Entities, Finding, FindingDraft } from '../model/finding.ts';
import { contentId } from '../model/ids.ts';
import { type Key, keyText } from '../model/key.ts';
import type { Observation } from '../model/observation.ts';
import { Cells, type CellsSnapshot, type Changes } from '../stream/cells.ts';
import type { Detector } from './contract.ts';
import { keysOf } from './keys.ts';

/** A detector with the params it runs with. */
export interface Installed {
  detector: Detector;
  params: unknown;
}

export interface DetectionHooks {
  /** A detector threw or returned something that is no finding: the others go on. */
  failed?: (detector: string, error: unknown) => void;
}

const MAX_EVENT_IDS = 50;

interface Running extends Installed {
  cells: Cells<Observation, unknown, Finding>;
}

export class Detection {
  readonly #running: Running[];
  readonly #hooks: DetectionHooks;

  constructor(installed: Installed[], hooks: DetectionHooks = {}) {
    this.#hooks = hooks;
    this.#running = installed.map((one) => ({ ...one, cells: this.#cellsFor(one, hooks) }));
  }

  #cellsFor({ detector, params }: Installed, hooks: DetectionHooks): Cells<Observation, unknown, Finding> {
    return new Cells<Observation, unknown, Finding>({
      lookback: detector.lookback,
      initial: () => attempt(() => detector.initial(), hooks, detector.id),
      lost: (_key, error) => hooks.failed?.(detector.id, error),
      step: (text, observation, state, again) => {
        const key = parseKey(text);
        try {
          return detector
            .observe(observation, state, { params, key })
            .map((draft) => complete(detector, key, observation, draft));
        } catch (error) {
          if (!again) hooks.failed?.(detector.id, error);
          return [];
        }
      },
    });
  }

  /** Applies one observation. The caller hands them over in event-time order as far as it can. */
  observe(observation: Observation, changes: Changes<Finding>): void {
    for (const { detector, cells } of this.#running) {
      if (!this.#concerns(detector, observation)) continue;
      for (const dimension of detector.keys)
        for (const key of keysOf(observation, dimension)) cells.put(keyText(key), observation, changes);
    }
  }

  #concerns(detector: Detector, observation: Observation): boolean {
    try {
      return detector.concerns?.(observation) ?? true;
    } catch (error) {
      this.#hooks.failed?.(detector.id, error);
      return false;
    }
  }

  /** Findings that the watermark made final. */
  close(watermark: number): Finding[] {
    return this.#running.flatMap(({ cells }) => cells.close(watermark));
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

function complete(detector: Detector, key: Key, observation: Observation, draft: FindingDraft): Finding {
  if (
    !(draft.confidence >= 0 && draft.confidence <= 1) ||
    typeof draft.about !== 'string' ||
    !Array.isArray(draft.evidence)
  )
    throw new TypeError('a finding needs about, evidence and a confidence from 0 to 1');
  const earlier = [...new Set(draft.eventIds)].filter((id) => id !== observation.id);
  return {
    id: contentId('fi', [key.tenant, detector.id, key.dimension, key.id, draft.about, observation.id]),
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
