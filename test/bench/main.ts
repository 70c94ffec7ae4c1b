/**
 * `npm run bench -- [--full] [--json] [--docs] [--check] [--only part,…]`: what Nightjar costs, as ratios within this run. `--json` prints
 * one JSON value, `--docs` writes the tables of README.md, `--check` compares the costs per record with test/bench/baseline.json and fails
 * where one has more than doubled, `--baseline` writes that file. Parts: budget, formats, state, kafka.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureBudget } from './budget.ts';
import { baselineOf, worsened } from './check.ts';
import { loadCorpora } from './corpora.ts';
import { measureFormats } from './formats.ts';
import { measureLatency } from './latency.ts';
import { machine, type Report, summary, tables, writeDocs } from './report.ts';
import { startServers } from './servers.ts';
import { measureState } from './state.ts';
import { measureThroughput } from './throughput.ts';

const PARTS = ['budget', 'formats', 'state', 'kafka'];
const BASELINE = join(import.meta.dirname, 'baseline.json');

const { values } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    docs: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    baseline: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
});
const parts = values.check || values.baseline ? ['budget'] : (values.only?.split(',') ?? PARTS);
const unknown = parts.filter((part) => !PARTS.includes(part));
if (unknown.length > 0) {
  process.stderr.write(`bench: there is no part ${unknown.join(', ')}; there are ${PARTS.join(', ')}\n`);
  process.exit(2);
}
const say = (line: string) => process.stderr.write(`bench: ${line}\n`);
const { full } = values;
const quick = values.check || values.baseline;
const size = full ? 4_000 : quick ? 200 : 600;
const rounds = full ? 9 : 3;

const corpora = await loadCorpora(size);
const report: Report = {
  machine: machine(),
  corpora: corpora.map(({ name, origin, records, bytes }) => ({ name, origin, records: records.length, bytes })),
};
if (parts.includes('budget')) {
  say('stages against JSON.parse');
  report.budget = await measureBudget(corpora, rounds);
}
if (parts.includes('formats')) {
  say('formats against JSON.parse');
  report.formats = Object.fromEntries(
    corpora.map((corpus) => [
      corpus.name,
      measureFormats({ ...corpus, records: corpus.records.slice(0, full ? 1_000 : 300) }, rounds),
    ]),
  );
}
if (parts.includes('state')) {
  say('memory and checkpoints');
  const calls = corpora.find(({ name }) => name === 'single_turn')?.records ?? [];
  report.state = await measureState(calls.slice(0, 300), [1_000, 10_000, ...(full ? [100_000, 1_000_000] : [])]);
}
if (parts.includes('kafka')) await onServers();

async function onServers(): Promise<void> {
  const servers = await startServers().catch((error: Error) => {
    report.without_servers = error.message.split('\n')[0] ?? '';
    say(`!!! WITHOUT throughput and latency: ${report.without_servers}`);
  });
  if (servers === undefined) return;
  try {
    say('throughput from Kafka');
    const throughput = await measureThroughput(servers, corpora, full ? 5 : 1);
    report.throughput = throughput;
    say('latency');
    // What the machine gives by the clock: at a share of the processor's rate the service would only fall behind.
    const rate = throughput.single_turn.records_per_second;
    const calls = corpora.find(({ name }) => name === 'single_turn')?.records ?? [];
    report.latency = {};
    for (const load of full ? [50, 80] : [50])
      report.latency[`at_${load}_percent`] = await measureLatency(
        servers,
        calls,
        Math.round((rate * load) / 100),
        full ? 30 : 10,
      );
  } finally {
    await servers.stop();
  }
}

if (values.baseline) writeFileSync(BASELINE, `${JSON.stringify(baselineOf(report), null, 2)}\n`);
if (values.docs) writeDocs(report);
process.stdout.write(values.json ? `${JSON.stringify(summary(report))}\n` : tables(report));
if (values.check) {
  const faults = worsened(baselineOf(report), JSON.parse(readFileSync(BASELINE, 'utf8')));
  for (const fault of faults) say(fault);
  process.exitCode = faults.length > 0 ? 1 : 0;
}
