/** Files and standard input as a source: each path is a partition, all are read at the same time, and the end of input ends the run. */
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { NightjarError } from '../errors.ts';
import type { RawRecord, Source, SourceHandler } from '../ports.ts';
import { fileRecords } from './file-records.ts';
import { pacer } from './timing.ts';

export interface FileSourceOptions {
  /** Format id for all files, or `auto` (default). */
  format?: string;
  /** Lines longer than this are handed on cut, one byte over it, for the decoder to refuse. Default 5 MB. */
  maxRecordBytes?: number;
  /** Told while reading: bytes of the files as they are on disk; `total` is absent when standard input is among them. */
  onProgress?: (progress: { read: number; total?: number }) => void;
  /** What `-` stands for; default `process.stdin`. */
  stdin?: Readable;
}

const BATCH_RECORDS = 500;
const BATCH_BYTES = 4 * 1024 * 1024;
const READ_BYTES = 256 * 1024;
const DEFAULT_MAX_RECORD_BYTES = 5 * 1024 * 1024;

/** A file that is ready to be read. */
interface Input {
  path: string;
  stream: Readable;
  size: number | undefined;
}

/**
 * Reads `.jsonl`, `.ndjson`, `.json`, each also gzipped; `-` is standard input. Partition is the path as given, position the line
 * number from 0 (in a JSON document over several lines: the number of the value).
 */
export class FileSource implements Source {
  readonly #paths: string[];
  readonly #options: FileSourceOptions;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  /** The first thing that went wrong in the pipeline: it stops the other files. */
  #broken: { error: unknown } | undefined;
  #read = 0;

  constructor(paths: string[], options: FileSourceOptions = {}) {
    this.#paths = [...new Set(paths)];
    this.#options = options;
  }

  /** @throws NightjarError `NJ_INPUT` for a missing file before anything is read; for a damaged one after all is read. */
  run(handler: SourceHandler): Promise<void> {
    this.#running ??= this.#run(handler);
    return this.#running;
  }

  /** Files keep themselves: there is nothing to note. */
  async commit(): Promise<void> {}

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running?.catch(() => {});
  }

  async #run(handler: SourceHandler): Promise<void> {
    const inputs = await this.#open();
    const names = inputs.map(({ path }) => path);
    try {
      const positions = await handler.assigned(names);
      const total = sum(inputs.map(({ size }) => size));
      const results = await Promise.allSettled(
        inputs.map((input) => this.#readFile(input, positions.get(input.path) ?? 0, handler, total)),
      );
      await handler.revoked(names);
      if (this.#broken) throw this.#broken.error;
      const failed = results.find((result) => result.status === 'rejected');
      if (failed && !this.#stopping.signal.aborted) throw failed.reason;
    } finally {
      for (const { stream } of inputs) stream.destroy();
    }
  }

  /** All files are opened before the first is read: a wrong name must not show after an hour. */
  async #open(): Promise<Input[]> {
    const opened: { path: string; file: FileHandle | undefined; size: number | undefined }[] = [];
    try {
      for (const path of this.#paths) {
        const file = path === '-' ? undefined : await openFile(path);
        opened.push({ path, file, size: file ? (await file.stat()).size : undefined });
      }
    } catch (error) {
      await Promise.all(opened.map(({ file }) => file?.close()));
      throw error;
    }
    return opened.map(({ path, file, size }) => ({
      path,
      size,
      stream: file
        ? createReadStream('', { fd: file, highWaterMark: READ_BYTES })
        : (this.#options.stdin ?? process.stdin),
    }));
  }

  async #readFile(input: Input, from: number, handler: SourceHandler, total: number | undefined): Promise<void> {
    const { path } = input;
    const { format = 'auto', maxRecordBytes = DEFAULT_MAX_RECORD_BYTES, onProgress } = this.#options;
    const pace = pacer();
    const alive = async () => {
      if (this.#stopping.signal.aborted) throw new NightjarError('NJ_SOURCE_DEAD', `reading ${path} was stopped`);
      await pace();
    };
    let records: RawRecord[] = [];
    let bytes = 0;
    let next = from;
    const hand = async (caughtUp: boolean) => {
      const batch = { partition: path, format, records, next, caughtUp };
      records = [];
      bytes = 0;
      try {
        await handler.batch(batch, alive);
      } catch (error) {
        if (!this.#stopping.signal.aborted) this.#broken ??= { error };
        this.#stopping.abort();
        throw error;
      }
    };
    let failure: unknown;
    const reading = fileRecords(input.stream, path, maxRecordBytes, (count) => {
      this.#read += count;
      onProgress?.(total === undefined ? { read: this.#read } : { read: this.#read, total });
    });
    try {
      for await (const record of reading) {
        if (this.#stopping.signal.aborted) return;
        if (record.position < from) continue;
        records.push(record);
        bytes += record.value?.length ?? 0;
        next = record.position + 1;
        if (records.length >= BATCH_RECORDS || bytes >= BATCH_BYTES) await hand(false);
      }
    } catch (error) {
      if (!(error instanceof NightjarError && error.code === 'NJ_INPUT')) throw error;
      failure = error;
    }
    // The end is told even when the file is damaged: the others must not wait for it.
    await hand(true);
    if (failure) throw failure;
  }
}

async function openFile(path: string): Promise<FileHandle> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (cause) {
    throw new NightjarError('NJ_INPUT', `cannot open ${path}: ${reason(cause)}`, { cause });
  }
  if ((await file.stat()).isDirectory()) {
    await file.close();
    throw new NightjarError('NJ_INPUT', `${path} is a folder`, { hint: 'name the files in it' });
  }
  return file;
}

function reason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'no such file';
  if (code === 'EACCES') return 'not allowed';
  if (code === 'EMFILE') return 'too many files at once';
  return String(code ?? error);
}

/** Undefined when one of them is unknown. */
function sum(sizes: (number | undefined)[]): number | undefined {
  let total = 0;
  for (const size of sizes) {
    if (size === undefined) return undefined;
    total += size;
  }
  return total;
}
