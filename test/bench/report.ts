/** What the bench found, as JSON for programs and as tables for people. */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import type { StageCosts } from './budget.ts';
import type { FormatCost } from './formats.ts';
import type { Latency } from './latency.ts';
import type { StateCost } from './state.ts';
import type { Throughput } from './throughput.ts';

export interface Report {
  machine: string;
  corpora: { name: string; origin: string; records: number; bytes: number }[];
  budget?: Record<string, StageCosts>;
  formats?: Record<string, FormatCost[]>;
  state?: StateCost[];
  throughput?: Record<string, Throughput>;
  latency?: Record<string, Latency>;
  /** Why throughput and latency are missing. */
  without_servers?: string;
}

const README = join(import.meta.dirname, '../../README.md');

/** Date, processor and memory. */
export function machine(): string {
  const date = new Date().toISOString().slice(0, 10);
  const gib = Math.round(totalmem() / 2 ** 30);
  return `${date}, ${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}, ${gib} GiB, Node ${process.versions.node}`;
}

/** The report, led by the numbers that are held to limits: of the costs per record the worst corpus. */
export function summary(report: Report): Record<string, unknown> {
  const { budget = {}, state = [], latency = {} } = report;
  const worst = (stage: keyof StageCosts) => {
    const costs = Object.values(budget).map((stages) => stages[stage]);
    return costs.length > 0 ? Math.max(...costs) : null;
  };
  const of = (principals: number) => state.find((one) => one.principals === principals);
  const least = of(1_000);
  const ratioTo = (most: StateCost | undefined) => (least && most ? most.us_per_record / least.us_per_record : null);
  return {
    throughput: report.throughput ?? null,
    latency: { p99_ratio: latency.at_50_percent?.p99_ratio ?? null, ...latency },
    scale: { processes_2_over_1: null },
    memory: {
      bytes_per_idle_principal: state.at(-1)?.bytes_per_idle_principal ?? null,
      time_1m_over_1k: ratioTo(of(1_000_000)),
      time_10k_over_1k: ratioTo(of(10_000)),
      time_100k_over_1k: ratioTo(of(100_000)),
    },
    restore: { seconds_1m: of(1_000_000)?.restore_seconds ?? null, seconds_10k: of(10_000)?.restore_seconds ?? null },
    budget: {
      format: worst('format'),
      scan_unseen: worst('scan_unseen'),
      scan_repeated: worst('scan_repeated'),
      detect: worst('detect'),
    },
    peers: {},
    budget_by_corpus: budget,
    formats: report.formats ?? {},
    state,
    machine: report.machine,
    corpora: report.corpora,
    ...(report.without_servers !== undefined && { without_servers: report.without_servers }),
  };
}

function table(heads: string[], rows: (string | number)[][]): string {
  const lines = [heads, heads.map((_, i) => (i === 0 ? '---' : '---:')), ...rows];
  return `${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`;
}

const one = (value: number) => value.toFixed(value < 10 ? 2 : 1);

/** Markdown tables of what was measured. */
export function tables(report: Report): string {
  const parts = [`Measured ${report.machine}.\n`];
  const { budget, formats, state, throughput, latency } = report;
  if (budget) {
    const size = (name: string) => report.corpora.find((corpus) => corpus.name === name);
    const rows = Object.entries(budget).map(([name, costs]) => [
      `${name} (${size(name)?.origin}, ${(costs.bytes / 1_000).toFixed(1)} KB)`,
      one(costs.parse_us),
      ...[costs.format, costs.scan_unseen, costs.scan_repeated, costs.scan, costs.detect].map(one),
    ]);
    const heads = ['corpus', 'P in µs', 'format', 'scan, unseen', 'scan, repeated', 'scan, as it comes', 'detect'];
    parts.push('Cost of a record in P, the time of `JSON.parse` of its bytes:\n', table(heads, rows));
    parts.push('At most: format 1.5, scan unseen 2, scan repeated 0.2, detect 1 (conversation 0.3).\n');
  }
  if (formats) {
    const names = Object.keys(formats);
    const rows = (formats[names[0] as string] ?? []).map(({ format }, i) => [
      format,
      ...names.map((name) => {
        const cost = formats[name]?.[i];
        return cost ? one(cost.ratio) + (cost.both_parses ? ` (${one(cost.both_parses)} of both parses)` : '') : '';
      }),
    ]);
    parts.push('Cost of `format` alone in P, the same calls in other formats:\n', table(['format', ...names], rows));
  }
  if (throughput) {
    const rows = Object.entries(throughput).map(([name, { ratio, wall_ratio, records_per_cpu_second }]) => [
      name,
      one(ratio),
      one(wall_ratio),
      records_per_cpu_second,
    ]);
    const heads = ['corpus', 'by processor time', 'by the clock', 'records per second of one core'];
    parts.push('From Kafka to jobs on BullMQ, against plain kafkajs and `JSON.parse`:\n', table(heads, rows));
  }
  if (latency) {
    const rows = Object.entries(latency).map(([load, l]) => [
      `${load.replaceAll('_', ' ')} (${l.records_per_second} records a second)`,
      ...[l.p50_ms, l.p99_ms, l.plain_p50_ms, l.plain_p99_ms, l.p99_ratio].map(one),
    ]);
    const heads = ['load', 'p50 ms', 'p99 ms', 'plain p50 ms', 'plain p99 ms', 'p99 ratio'];
    parts.push('From produced record to job:\n', table(heads, rows));
  }
  if (state) {
    const rows = state.map((s) => [
      s.principals,
      s.bytes_per_idle_principal,
      one(s.us_per_record),
      s.checkpoint_failed ?? `${(s.checkpoint_bytes / 1e6).toFixed(1)} MB in ${Math.round(s.checkpoint_ms)} ms`,
      s.checkpoint_failed ? '' : one(s.restore_seconds),
    ]);
    const heads = ['principals', 'bytes of an idle one', 'detect µs a record', 'checkpoint', 'restore s'];
    parts.push('Memory of all detectors, three records of each principal:\n', table(heads, rows));
  }
  return parts.join('\n');
}

/** Writes the tables into README.md between its marks. */
export function writeDocs(report: Report): void {
  const text = readFileSync(README, 'utf8');
  const marked = /(<!-- bench -->\n)[\s\S]*?(<!-- \/bench -->)/;
  if (!marked.test(text)) throw new Error('README.md has no place for the bench: <!-- bench --> … <!-- /bench -->');
  writeFileSync(
    README,
    text.replace(marked, (_whole, begin, end) => `${begin}\n${tables(report)}\n${end}`),
  );
}
