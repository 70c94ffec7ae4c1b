/**
 * Leave-out evaluation: whatever is learnt is learnt again without a part of the data, and measured on that part alone. A figure that this
 * does not confirm is a figure about the data, not about the detector.
 */
import { type Example, fit } from '../detectors/toxic-flow/fit.ts';
import { features, type Model } from '../detectors/toxic-flow/model.ts';
import type { Config } from './config/schema.ts';
import { loadDetectors } from './detect/registry.ts';
import type { Installed } from './engine.ts';
import { toBytes } from './eval/call-record.ts';
import { type Report, type Row, wilson } from './eval/rate.ts';
import { evaluateTraces } from './eval/score.ts';
import { readTraces, type TraceInfo, traceInfo, traceRecords } from './eval/traces.ts';
import { decode } from './format/decode.ts';
import type { Alert } from './model/finding.ts';
import { DETECTORS } from './replay.ts';
import { PUBLIC_TEST_KEY } from './scan/fingerprint.ts';
import { createScanner } from './scan/scan.ts';

/** `source`: each source in turn · `suite+template`: each suite of a source in turn, and its main attack templates everywhere. */
export type LeaveOut = 'source' | 'suite+template';

/** A trace as training sees it. */
interface Known {
  info: TraceInfo;
  example: Example;
}

interface Part {
  name: string;
  holds(trace: TraceInfo): boolean;
  /** May be trained on while this part is left out. */
  trains(trace: TraceInfo): boolean;
}

/** Facts of a call do not depend on when it was. */
const ANY_TIME = Date.UTC(2026, 0, 5);
/** Templates that most attacks of AgentDojo are written in. */
const MAIN_TEMPLATE = /^important_|^tool_knowledge$|dos$/;

/** @param progress told what is being done, in a few words. */
export async function evaluateLeavingOut(
  path: string,
  by: LeaveOut,
  config: Config,
  play: (records: AsyncIterable<Uint8Array>, installed: Installed[]) => Promise<Alert[]>,
  progress: (line: string) => void = () => {},
): Promise<Report> {
  const { known, all } = await learnFacts(path, progress);
  const parts = partsOf(all, by);
  const reports: Report[] = [];
  for (const part of parts) {
    progress(`without ${part.name}`);
    const model = fit(known.filter(({ info }) => part.trains(info)).map(({ example }) => example));
    const installed = (await loadDetectors(DETECTORS, config.detect.detectors)).map((one) =>
      one.detector.id === 'toxic-flow' ? { ...one, params: { ...(one.params as object), model } } : one,
    );
    reports.push(
      await evaluateTraces(path, (records) => play(records, installed), { only: (trace) => part.holds(trace) }),
    );
  }
  return {
    data: path,
    mode: 'leave-out',
    rows: mergeRows(reports.flatMap((report) => report.rows)),
    alerts: reports.reduce((sum, report) => sum + report.alerts, 0),
    false_per_day: null,
    worst: reports.flatMap((report) => report.worst),
  };
}

/** The model fitted on all labelled traces of a path: what ships. */
export async function trainOnAll(path: string, progress: (line: string) => void = () => {}): Promise<Model> {
  return fit((await learnFacts(path, progress)).known.map(({ example }) => example));
}

/** Every trace, and the facts of those that are plainly benign or plainly hijacked. */
async function learnFacts(
  path: string,
  progress: (line: string) => void,
): Promise<{ known: Known[]; all: TraceInfo[] }> {
  const scanner = createScanner(PUBLIC_TEST_KEY);
  const known: Known[] = [];
  const all: TraceInfo[] = [];
  for await (const trace of readTraces(path)) {
    const info = traceInfo(trace);
    if (all.push(info) % 500 === 0) progress(`${all.length} traces read`);
    const hijacked = info.label === 'attack';
    if (hijacked && !(info.succeeded && info.seen)) continue;
    if (hijacked && /dos$/.test(info.attack ?? '')) continue;
    const calls = traceRecords(trace, ANY_TIME).flatMap(({ record }) =>
      decode(toBytes(record), { format: 'litellm', tenant: 'default' })
        .events.flatMap((event) => scanner.scan(event).calls)
        .filter((call) => call.order !== null)
        .map(features),
    );
    known.push({ info, example: { calls, hijacked, collection: placeOf(info) } });
  }
  return { known, all };
}

function placeOf({ source, suite }: TraceInfo): string {
  return suite === null ? source : `${source}/${suite}`;
}

function partsOf(all: TraceInfo[], by: LeaveOut): Part[] {
  const name = by === 'source' ? ({ source }: TraceInfo) => source : placeOf;
  const names = [...new Set(all.map(name))].sort();
  return names.map((part) => ({
    name: part,
    holds: (trace) => name(trace) === part,
    trains: (trace) =>
      name(trace) !== part &&
      !(by === 'suite+template' && part.startsWith(`${trace.source}/`) && MAIN_TEMPLATE.test(trace.attack ?? '')),
  }));
}

/** Groups that several parts share are added up. */
function mergeRows(rows: Row[]): Row[] {
  const merged = new Map<string, Row>();
  for (const row of rows) {
    const before = merged.get(row.group);
    const n = row.n + (before?.n ?? 0);
    const flagged = row.flagged + (before?.flagged ?? 0);
    const detectors = { ...before?.detectors };
    for (const [id, count] of Object.entries(row.detectors)) detectors[id] = (detectors[id] ?? 0) + count;
    merged.set(row.group, { ...row, n, flagged, rate: n === 0 ? 0 : flagged / n, ci: wilson(flagged, n), detectors });
  }
  return [...merged.values()].sort((a, b) => (a.group < b.group ? -1 : 1));
}
