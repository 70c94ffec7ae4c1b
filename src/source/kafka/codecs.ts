/**
 * Codecs for kafkajs. kafkajs treats an error of a codec as an error of the fetch and repeats it for ever, or stops the consumer for
 * good. So a batch that cannot be inflated is replaced by as many stand-in records as it holds, each with a header that says
 * why; the source hands them on as faults and they end as dead letters.
 */
import { randomUUID } from 'node:crypto';
import kafkajs from 'kafkajs';
import { type Inflate, inflateGzip, inflateLz4, inflateSnappy, inflateZstd } from './decompress.ts';

/** Most bytes that one batch may inflate to. */
export const MAX_BATCH_BYTES = 64 * 1024 * 1024;
/** Most bytes that the batches of one fetch may inflate to together; what is over is left for the next fetch. */
const MAX_FETCH_BYTES = 2 * MAX_BATCH_BYTES;
/**
 * Header of a stand-in record. Holds the reason; the value holds the first bytes of the compressed batch. Its name is not
 * to be guessed: a producer who could set it would keep a record from being looked at.
 */
export const FAULT_HEADER = `nightjar-undecodable-${randomUUID()}`;
const HEAD_BYTES = 1024;

let inflated = 0;

/** To be called when a fetch begins: the ceiling on what one fetch may inflate starts afresh. */
export function fetchBegins(): void {
  inflated = 0;
}

/** Registers gzip, snappy, lz4 and zstd with kafkajs, for the whole process; calling it again has no effect. */
export function registerCodecs(): void {
  const { CompressionCodecs: codecs, CompressionTypes: types } = kafkajs;
  codecs[types.GZIP] = codec('gzip', inflateGzip, codecs[types.GZIP]);
  codecs[types.Snappy] = codec('snappy', inflateSnappy);
  codecs[types.LZ4] = codec('lz4', inflateLz4);
  codecs[types.ZSTD] = codec('zstd', inflateZstd);
}

interface KafkaCodec {
  compress(encoder: unknown): Promise<Buffer>;
  decompress(buffer: Buffer): Promise<Uint8Array>;
}

const registered = new Map<string, () => KafkaCodec>();

function codec(name: string, inflate: Inflate, builtIn?: () => KafkaCodec): () => KafkaCodec {
  const known = registered.get(name);
  if (known) return known;
  const made: KafkaCodec = {
    async compress(encoder) {
      if (builtIn) return builtIn().compress(encoder);
      throw new Error(`writing ${name} is not supported`);
    },
    decompress: (buffer) => decompressOrStandIn(name, inflate, buffer),
  };
  const factory = () => made;
  registered.set(name, factory);
  return factory;
}

async function decompressOrStandIn(name: string, inflate: Inflate, buffer: Buffer): Promise<Uint8Array> {
  if (inflated >= MAX_FETCH_BYTES) throw endOfFetch();
  try {
    const output = await inflate(buffer, MAX_BATCH_BYTES);
    inflated += output.length;
    return Buffer.from(output.buffer, output.byteOffset, output.length);
  } catch (error) {
    const reason = `${name} batch: ${error instanceof Error ? error.message : String(error)}`;
    const batch = batchHeader(buffer);
    if (!batch) throw new Error(`${reason}, and its header is not where it was expected`);
    return standIns(batch, reason, buffer.subarray(0, HEAD_BYTES));
  }
}

/** kafkajs takes an error of this name as a batch that was cut off by the fetch size: it keeps what came before and fetches the rest again. */
function endOfFetch(): Error {
  const error = new Error('enough for one fetch');
  error.name = 'KafkaJSPartialMessageError';
  return error;
}

// Distances back from the first compressed byte within a version 2 record batch.
const COUNT_AT = -4;
const LAST_DELTA_AT = -38;
const MAGIC_AT = -45;
const LENGTH_AT = -53;
const BASE_OFFSET_AT = -61;
const BYTES_BEFORE_RECORDS = 49;

/**
 * The header of the batch that these bytes belong to. kafkajs passes a view into the response, without the header; but it must
 * get back exactly as many records as the header counts, so it is read from in front of the view, after a check that it is there.
 */
function batchHeader(body: Buffer): { count: number; lastDelta: number } | undefined {
  if (body.byteOffset + BASE_OFFSET_AT < 0) return undefined;
  const whole = Buffer.from(body.buffer, body.byteOffset + BASE_OFFSET_AT, -BASE_OFFSET_AT);
  const field = (at: number) => at - BASE_OFFSET_AT;
  if (whole[field(MAGIC_AT)] !== 2) return undefined;
  if (whole.readInt32BE(field(LENGTH_AT)) !== BYTES_BEFORE_RECORDS + body.length) return undefined;
  return { count: whole.readInt32BE(field(COUNT_AT)), lastDelta: whole.readInt32BE(field(LAST_DELTA_AT)) };
}

function standIns(batch: { count: number; lastDelta: number }, reason: string, head: Uint8Array): Buffer {
  const name = Buffer.from(FAULT_HEADER);
  const text = Buffer.from(reason);
  const records: Buffer[] = [];
  for (let i = 0; i < batch.count; i++) {
    const delta = i === batch.count - 1 ? batch.lastDelta : i;
    // Only the last one carries the bytes: a batch of many small records would otherwise grow.
    const value = i === batch.count - 1 ? head : new Uint8Array();
    const record = Buffer.concat([
      Buffer.from([0]),
      varint(0),
      varint(delta),
      varint(-1),
      varint(value.length),
      value,
      varint(1),
      varint(name.length),
      name,
      varint(text.length),
      text,
    ]);
    records.push(varint(record.length), record);
  }
  return Buffer.concat(records);
}

/** Zig-zag variable-length integer, as in Kafka records. */
function varint(value: number): Buffer {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  const bytes: number[] = [];
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}
