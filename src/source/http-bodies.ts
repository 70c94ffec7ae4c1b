/** The body of an intake request: its records, after the checks that a sender can be told about at once. */
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { LineCutter } from './lines.ts';

/** A fault of the request, with the HTTP status it deserves. */
export class BadBody extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.name = 'BadBody';
    this.status = status;
  }
}

const DECODERS = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

/** Undoes the content encoding. @throws BadBody 413 when the result is too large, 415 for another encoding, 400 for damaged data */
export async function decodeBody(body: Buffer, encoding: string | undefined, maxBytes: number): Promise<Buffer> {
  const name = (encoding ?? 'identity').trim().toLowerCase();
  if (name === 'identity' || name === '') return body;
  if (!Object.hasOwn(DECODERS, name)) throw new BadBody(415, `content-encoding ${name} is not supported: use gzip`);
  try {
    return await DECODERS[name as keyof typeof DECODERS](body, { maxOutputLength: maxBytes });
  } catch (error) {
    const tooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    if (tooLarge) throw new BadBody(413, `the decompressed body is larger than ${maxBytes} bytes`);
    throw new BadBody(400, `the body is not valid ${name} data`);
  }
}

const LINE_TYPES = new Set([
  'application/x-ndjson',
  'application/jsonl',
  'application/x-jsonlines',
  'application/ndjson',
]);
const JSON_TYPES = new Set(['application/json', 'text/json', 'text/plain', '']);
/** No sender is known to put more records into one request; a million empty ones would cost memory. */
const MAX_RECORDS = 50_000;

/**
 * One record per line of NDJSON; any other body is one record, whatever it holds (formats take arrays apart). JSON that is not
 * JSON is refused here while the sender still listens, except in NDJSON, where one bad line must not stop the others.
 * @throws BadBody 400 or 415
 */
export function bodyRecords(body: Buffer, contentType: string | undefined): Uint8Array[] {
  const type = (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (!LINE_TYPES.has(type) && !JSON_TYPES.has(type)) {
    throw new BadBody(415, `content-type ${type} is not supported: use application/json or application/x-ndjson`);
  }
  if (!LINE_TYPES.has(type)) {
    if (body.length === 0) throw new BadBody(400, 'the body is empty');
    try {
      jsonValue(body);
      return [body];
    } catch (error) {
      // Shippers often send lines as plain JSON.
      if (!startsWithJsonLine(body)) throw error;
    }
  }
  const records = splitLines(body);
  if (records.length === 0) throw new BadBody(400, 'the body holds no record');
  return records;
}

function splitLines(body: Buffer): Uint8Array[] {
  const cutter = new LineCutter(body.length);
  const records: Uint8Array[] = [];
  for (const lines of [cutter.push(body), cutter.end()]) {
    for (const { bytes } of lines) {
      if (records.push(bytes) > MAX_RECORDS) throw new BadBody(413, `more than ${MAX_RECORDS} records in one request`);
    }
  }
  return records;
}

function startsWithJsonLine(body: Buffer): boolean {
  const end = body.indexOf(10);
  if (end <= 0) return false;
  try {
    jsonValue(body.subarray(0, end));
    return true;
  } catch {
    return false;
  }
}

/** The parsed body. @throws BadBody 400 with what is wrong with it, never quoting it */
export function jsonValue(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    const at = error instanceof Error ? /position (\d+)/.exec(error.message)?.[1] : undefined;
    const fault =
      at === undefined ? 'it ends too early or holds something else' : `unexpected character at position ${at}`;
    throw new BadBody(400, `the body is not JSON: ${fault}`);
  }
}
