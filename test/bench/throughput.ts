/** How many records a second one process takes from Kafka to accepted outputs, against plain kafkajs with `JSON.parse` of the same topic. */
import type { Corpus, CorpusName } from './corpora.ts';
import type { Servers } from './servers.ts';
import { fill, Meter, type Running, startPlain, startService, type Taken } from './service.ts';
import { median, round3 } from './timing.ts';

export interface Throughput {
  /** Records a second of processor time, as a share of the plain consumer's. */
  ratio: number;
  /** The same by the clock on the wall, which other programs disturb. */
  wall_ratio: number;
  records_per_cpu_second: number;
  /** By the clock: what the service can take on this machine as it is. */
  records_per_second: number;
}

export async function measureThroughput(
  servers: Servers,
  corpora: readonly Corpus[],
  rounds: number,
): Promise<Record<CorpusName, Throughput>> {
  const results: Partial<Record<CorpusName, Throughput>> = {};
  for (const { name, records } of corpora) {
    const topic = await fill(servers, records);
    const plain: Taken[] = [];
    const service: Taken[] = [];
    // The first round warms both up.
    for (let round = -1; round < rounds; round++) {
      const one = await taken(records.length, (meter) =>
        startPlain(servers, topic, { begin: () => meter.begin(), taken: (parsed) => meter.done(parsed.length) }),
      );
      const other = await taken(records.length, (meter) =>
        startService(servers, topic, { begin: () => meter.begin(), done: (count) => meter.done(count) }),
      );
      if (round < 0) continue;
      plain.push(one);
      service.push(other);
    }
    const share = (of: keyof Taken) => round3(median(plain.map((one, i) => one[of] / (service[i] as Taken)[of])));
    results[name] = {
      ratio: share('cpuMs'),
      wall_ratio: share('wallMs'),
      records_per_cpu_second: Math.round((records.length * 1_000) / median(service.map(({ cpuMs }) => cpuMs))),
      records_per_second: Math.round((records.length * 1_000) / median(service.map(({ wallMs }) => wallMs))),
    };
  }
  return results as Record<CorpusName, Throughput>;
}

async function taken(count: number, start: (meter: Meter) => Promise<Running>): Promise<Taken> {
  const meter = new Meter(count);
  const running = await start(meter);
  const result = await meter.taken;
  await running.stop();
  return result;
}
