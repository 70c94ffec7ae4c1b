/** Observations for tests: the least that one needs, and whatever matters beside it. */

import { z } from 'zod';
import { type Detector, defineDetector } from '../../src/detect/contract.ts';
import type { FindingDraft } from '../../src/model/finding.ts';
import type { Observation, ObservedCall } from '../../src/model/observation.ts';

export const START = Date.UTC(2026, 8, 7, 9);

export function observation(id: string, time: number, more: Partial<Observation> = {}): Observation {
  return {
    id,
    time,
    operation: 'chat',
    format: 'sample',
    tenant: 'default',
    status: 'ok',
    turn: 1,
    calls: [],
    results: [],
    signals: [],
    seenCredentials: [],
    coverage: { content: true, identity: true, tools: false },
    ...more,
  };
}

export function call(tool: string, more: Partial<ObservedCall> = {}): ObservedCall {
  return {
    programs: [],
    id: `call-${tool}`.slice(0, 40),
    tool,
    labels: {},
    resources: [],
    atoms: [],
    shingles: [],
    repeat: tool.slice(0, 16),
    asked: { act: 0, tool: 0, args: 0, delegated: false, destination: false },
    order: null,
    ...more,
  };
}

/** A detector for tests: `see` gets the observation and the number of observations so far of its session. */
export function detector(id: string, see: (one: Observation, n: number) => FindingDraft[]): Detector {
  return defineDetector<{ n: number }, object>({
    id,
    title: id,
    class: 'behaviour',
    maturity: 'experimental',
    severity: 'medium',
    techniques: ['AML.T0053'],
    keys: ['session'],
    params: z.strictObject({}),
    lookback: 24 * 60 * 60 * 1_000,
    bound: 100,
    stateVersion: 1,
    initial: () => ({ n: 0 }),
    observe: (one, state) => see(one, ++state.n),
  }) as Detector;
}

export function draft(about: string, more: Partial<FindingDraft> = {}): FindingDraft {
  return { about, confidence: 0.9, evidence: [{ kind: 'k', observed: 'o', usual: null, quiet_if: null }], ...more };
}
