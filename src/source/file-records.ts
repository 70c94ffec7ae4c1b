/** The records of one file: gunzips where needed, decides between lines and one document, and yields raw records in order. */
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { NightjarError } from '../errors.ts';
import type { RawRecord } from '../ports.ts';
import { splitDocument } from './document.ts';
import { type Line, LineCutter } from './lines.ts';

/** Most bytes of a document over several lines that are held to find its records; a larger one is read as lines. */
const MAX_DOCUMENT_BYTES = 64 * 1024 * 1024;
const BRACE = 0x7b;
/** Gzip inflates at most about a thousandfold, so a step yields at most some 16 MB. */
const GUNZIP_STEP_BYTES = 16 * 1024;

/**
 * Records in order. Position is the line number; in a document (an array, or values over several lines) the number of the value.
 * @param name for errors
 * @param onBytes told how many bytes of the file were read, as they are
 * @throws NightjarError `NJ_INPUT` after the last readable record when the file is damaged or unreadable
 */
export async function* fileRecords(
  input: Readable,
  name: string,
  maxRecordBytes: number,
  onBytes: (count: number) => void,
): AsyncGenerator<RawRecord> {
  const chunks = maybeGunzip(readChunks(input, name, onBytes), name);
  const cutter = new LineCutter(maxRecordBytes);
  const document = new DocumentGuess(maxRecordBytes);
  for await (const chunk of chunks) {
    const open = document.offer(chunk);
    if (open) for (const part of open) yield* lines(cutter.push(part));
  }
  const values = document.finish();
  if (values.document) {
    for (const [position, value] of values.document.entries()) yield { value, position };
    return;
  }
  for (const part of values.rest) yield* lines(cutter.push(part));
  yield* lines(cutter.end());
}

function* lines(cut: Iterable<Line>): Generator<RawRecord> {
  for (const { number, bytes } of cut) yield { value: bytes, position: number };
}

/** Holds back the beginning of a file for as long as it may be one document. */
class DocumentGuess {
  #held: Uint8Array[] = [];
  #bytes = 0;
  #undecided = true;
  /** Two lines were seen and may begin a document: only its end can tell. */
  #plausible = false;
  readonly #maxLine: number;

  constructor(maxLine: number) {
    this.#maxLine = maxLine;
  }

  /** The chunks that are known to be lines now; undefined while that is open. */
  offer(chunk: Uint8Array): Uint8Array[] | undefined {
    if (!this.#undecided) return [chunk];
    this.#held.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > MAX_DOCUMENT_BYTES) return this.#release();
    if (this.#plausible) return undefined;
    const verdict = looksLikeLines(this.#held, this.#maxLine);
    this.#plausible = verdict === false;
    return verdict ? this.#release() : undefined;
  }

  finish(): { document?: Uint8Array[]; rest: Uint8Array[] } {
    if (!this.#undecided) return { rest: [] };
    const rest = this.#release();
    const text = withoutMark(Buffer.concat(rest));
    const document = text.includes(10) ? splitDocument(text) : undefined;
    return document ? { document, rest: [] } : { rest };
  }

  #release(): Uint8Array[] {
    const held = this.#held;
    this.#held = [];
    this.#undecided = false;
    return held;
  }
}

/**
 * True when the first line is a JSON value of its own, cannot begin a document, or is too long; or when it is broken and the second
 * is a value of its own. False when the two may begin a document; undefined when there is too little to tell.
 */
function looksLikeLines(held: Uint8Array[], maxLine: number): boolean | undefined {
  const [first, second] = firstLines(held, maxLine);
  if (!first) return held.reduce((total, part) => total + part.length, 0) > maxLine ? true : undefined;
  if (first.bytes.length > maxLine || parses(first.bytes)) return true;
  const text = Buffer.from(first.bytes).toString('utf8').trim();
  if (!/^[[{]/.test(text)) return true;
  if (!second) return undefined;
  // Behind a lone `[` a whole line is its only element.
  return text !== '[' && second.bytes[0] === BRACE && parses(second.bytes);
}

function firstLines(held: Uint8Array[], maxLine: number): Line[] {
  const cutter = new LineCutter(maxLine);
  const found: Line[] = [];
  for (const part of held) {
    for (const line of cutter.push(part)) {
      found.push(line);
      if (found.length === 2) return found;
    }
  }
  return found;
}

function parses(bytes: Uint8Array): boolean {
  try {
    JSON.parse(Buffer.from(bytes).toString('utf8'));
    return true;
  } catch {
    return false;
  }
}

function withoutMark(text: Buffer): Buffer {
  return text[0] === 0xef && text[1] === 0xbb && text[2] === 0xbf ? text.subarray(3) : text;
}

async function* readChunks(input: Readable, name: string, onBytes: (count: number) => void): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of input) {
      onBytes(chunk.length);
      yield chunk;
    }
  } catch (cause) {
    throw new NightjarError('NJ_INPUT', `cannot read ${name}: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
  }
}

/** Gzip is told by its first two bytes, not by the name. */
async function* maybeGunzip(input: AsyncGenerator<Buffer>, name: string): AsyncGenerator<Uint8Array> {
  let head: Buffer = Buffer.alloc(0);
  while (head.length < 2) {
    const { value, done } = await input.next();
    if (done) break;
    head = head.length === 0 ? value : Buffer.concat([head, value]);
  }
  async function* whole() {
    if (head.length > 0) yield head;
    yield* input;
  }
  if (head[0] === 0x1f && head[1] === 0x8b) yield* gunzipped(whole(), name);
  else yield* whole();
}

/** Inflates step by step, so that what was readable before a damaged place is handed on before the error. */
async function* gunzipped(input: AsyncIterable<Buffer>, name: string): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  const output: Uint8Array[] = [];
  let failure: Error | undefined;
  const closed = new Promise<void>((resolve) => gunzip.once('close', resolve));
  gunzip.on('data', (chunk: Uint8Array) => output.push(chunk));
  gunzip.on('error', (error) => {
    failure = error;
  });
  try {
    for await (const chunk of input) {
      for (let at = 0; at < chunk.length && !failure; at += GUNZIP_STEP_BYTES) {
        const step = chunk.subarray(at, at + GUNZIP_STEP_BYTES);
        await Promise.race([new Promise((resolve) => gunzip.write(step, resolve)), closed]);
        yield* output.splice(0);
      }
      if (failure) break;
    }
    if (!failure) {
      gunzip.end();
      await closed;
    }
    yield* output.splice(0);
  } finally {
    gunzip.destroy();
  }
  if (failure) {
    throw new NightjarError('NJ_INPUT', `${name} is a damaged or cut-off gzip file: ${failure.message}`, {
      cause: failure,
      hint: 'what could be read before the damage was evaluated',
    });
  }
}
