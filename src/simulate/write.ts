/** Writes a simulation to a folder, in the form in which campaign data is read. */
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type SimulateOptions, simulate } from './simulate.ts';
import type { Truth } from './truth.ts';

export interface Written {
  /** Paths of the two files. */
  logs: string;
  truth: string;
  records: number;
  /** Size of the log before compression. */
  bytes: number;
  campaigns: number;
}

/** Writes `logs.jsonl.gz` (one record a line, in event-time order) and `truth.json` into `folder`, which is made when it is missing. */
export async function writeSimulation(folder: string, options: SimulateOptions): Promise<Written> {
  await mkdir(folder, { recursive: true });
  const written: Written = {
    logs: join(folder, 'logs.jsonl.gz'),
    truth: join(folder, 'truth.json'),
    records: 0,
    bytes: 0,
    campaigns: 0,
  };
  let truth: Truth | undefined;
  function* chunks(): Generator<string> {
    const traffic = simulate(options);
    let chunk = '';
    for (let step = traffic.next(); ; step = traffic.next()) {
      if (step.done) {
        truth = step.value;
        break;
      }
      const line = `${JSON.stringify(step.value.record)}\n`;
      written.records++;
      written.bytes += Buffer.byteLength(line);
      chunk += line;
      if (chunk.length > 1 << 18) {
        yield chunk;
        chunk = '';
      }
    }
    if (chunk !== '') yield chunk;
  }
  await pipeline(Readable.from(chunks()), createGzip({ level: 6 }), createWriteStream(written.logs));
  const final = truth as Truth;
  written.campaigns = final.campaigns.length;
  await writeFile(written.truth, `${JSON.stringify(final, null, 1)}\n`);
  return written;
}
