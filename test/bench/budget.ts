/** What one record may cost: each stage of the pipeline against JSON.parse of the same bytes. */
import { loadDetectors } from '../../src/detect/registry.ts';
import { Engine, type Installed } from '../../src/engine.ts';
import { decode } from '../../src/format/decode.ts';
import type { Event } from '../../src/model/event.ts';
import type { Observation } from '../../src/model/observation.ts';
import { DETECTORS } from '../../src/replay.ts';
import { PUBLIC_TEST_KEY } from '../../src/scan/fingerprint.ts';
import { createScanner } from '../../src/scan/scan.ts';
import type { Corpus, CorpusName } from './corpora.ts';
import { median, ratio, round3, takeTurns } from './timing.ts';

const LATENESS = 5 * 60 * 1_000;

/** Costs as multiples of P, which is `JSON.parse` of the record's bytes. */
export interface StageCosts {
  /** P itself, microseconds a record. */
  parse_us: number;
  bytes: number;
  /** Bytes to Events, the one parse included. */
  format: number;
  /** With an empty memory of messages: every text is new. */
  scan_unseen: number;
  /** With a memory that holds every text of the record. */
  scan_repeated: number;
  /** With one memory over the corpus: each record brings what its conversation adds. */
  scan: number;
  /** Detect and correlate, all detectors. */
  detect: number;
}

type PhaseName = 'parse' | Exclude<keyof StageCosts, 'parse_us' | 'bytes'>;

export async function measureBudget(
  corpora: readonly Corpus[],
  rounds: number,
): Promise<Record<CorpusName, StageCosts>> {
  const installed = await loadDetectors(DETECTORS);
  const costs = corpora.map((corpus) => [corpus.name, measureStages(corpus, installed, rounds)] as const);
  return Object.fromEntries(costs) as Record<CorpusName, StageCosts>;
}

function measureStages({ records, bytes }: Corpus, installed: Installed[], rounds: number): StageCosts {
  const times = takeTurns<Buffer, PhaseName>(
    records,
    () => {
      let events: Event[] = [];
      let observations: Observation[] = [];
      const scanner = createScanner(PUBLIC_TEST_KEY);
      const engine = new Engine(installed, LATENESS);
      engine.assign('bench');
      return [
        { name: 'parse', run: (chunk) => chunk.forEach((record) => void JSON.parse(record.toString())) },
        {
          name: 'format',
          run: (chunk) => {
            events = chunk.flatMap((record) => decode(record, { format: 'auto', tenant: 'default' }).events);
          },
        },
        {
          name: 'scan_unseen',
          run: () => events.forEach((event) => void createScanner(PUBLIC_TEST_KEY).scan(event)),
        },
        {
          name: 'scan',
          run: () => {
            observations = events.map((event) => scanner.scan(event));
          },
        },
        { name: 'scan_repeated', run: () => events.forEach((event) => void scanner.scan(event)) },
        {
          name: 'detect',
          run: () => {
            engine.push('bench', observations, true);
            engine.forgetFinal();
          },
        },
      ];
    },
    { rounds },
  );
  const of = (name: PhaseName) => ratio(times[name], times.parse);
  return {
    parse_us: round3(median(times.parse)),
    bytes: Math.round(bytes / records.length),
    format: of('format'),
    scan_unseen: of('scan_unseen'),
    scan_repeated: of('scan_repeated'),
    scan: of('scan'),
    detect: of('detect'),
  };
}
