/** Decompression of record batches as Kafka producers write them, each with a ceiling on its output. */
import { gunzip } from 'node:zlib';
import { Decompress } from 'fzstd';
import { decompressFrame } from 'lz4-napi';
import * as snappy from 'snappyjs';

/** The output would exceed the limit. */
export class TooLarge extends Error {
  constructor(limit: number) {
    super(`inflates beyond ${limit} bytes`);
    this.name = 'TooLarge';
  }
}

/** Inflates one whole batch; throws `TooLarge`, or any error when the data is damaged. */
export type Inflate = (data: Buffer, limit: number) => Promise<Uint8Array>;

export const inflateGzip: Inflate = (data, limit) =>
  new Promise((resolve, reject) => {
    gunzip(data, { maxOutputLength: limit }, (error, output) => {
      if (!error) resolve(output);
      else if ('code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') reject(new TooLarge(limit));
      else reject(new Error(`damaged gzip data: ${error.message}`));
    });
  });

const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER_BYTES = 16;

/** Raw snappy, or blocks in the framing of the Java client (magic, two versions, then length and block in turn). */
export const inflateSnappy: Inflate = async (data, limit) => {
  if (!data.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) return snappyBlock(data, limit);
  const parts: Uint8Array[] = [];
  let total = 0;
  let at = XERIAL_HEADER_BYTES;
  while (at + 4 <= data.length) {
    const size = data.readUInt32BE(at);
    at += 4;
    if (at + size > data.length) throw new Error('damaged snappy data: a block is cut off');
    const block = snappyBlock(data.subarray(at, at + size), limit - total);
    total += block.length;
    parts.push(block);
    at += size;
  }
  return Buffer.concat(parts, total);
};

function snappyBlock(data: Uint8Array, limit: number): Uint8Array {
  if (snappyLength(data) > limit) throw new TooLarge(limit);
  return snappy.uncompress(data, limit);
}

/** The length that a snappy block states of itself: a variable-length integer in front. */
function snappyLength(data: Uint8Array): number {
  let length = 0;
  for (let i = 0; i < 5; i++) {
    const byte = data[i] ?? 0;
    length += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) break;
  }
  return length;
}

const LZ4_MAGIC = 0x184d2204;
const LZ4_MAX_RATIO = 255;

/** LZ4 frame. The library has no ceiling of its own, so the most that the blocks can hold is added up first. */
export const inflateLz4: Inflate = async (data, limit) => {
  if (lz4Bound(data) > limit) throw new TooLarge(limit);
  return decompressFrame(data);
};

function lz4Bound(data: Buffer): number {
  if (data.length < 7 || data.readUInt32LE(0) !== LZ4_MAGIC) throw new Error('damaged lz4 data: no frame');
  const flags = data[4] ?? 0;
  const blockMax = 2 ** (8 + 2 * (((data[5] ?? 0) >> 4) & 7));
  const blockChecksum = (flags & 0x10) !== 0 ? 4 : 0;
  let at = 7 + ((flags & 0x08) !== 0 ? 8 : 0) + ((flags & 0x01) !== 0 ? 4 : 0);
  let bound = 0;
  while (at + 4 <= data.length) {
    const word = data.readUInt32LE(at);
    if (word === 0) break;
    const size = word & 0x7fff_ffff;
    const stored = word > 0x7fff_ffff;
    bound += stored ? size : Math.min(blockMax, size * LZ4_MAX_RATIO);
    at += 4 + size + blockChecksum;
  }
  return bound;
}

export const inflateZstd: Inflate = async (data, limit) => {
  const parts: Uint8Array[] = [];
  let total = 0;
  const stream = new Decompress((part) => {
    total += part.length;
    if (total > limit) throw new TooLarge(limit);
    parts.push(part);
  });
  stream.push(data, true);
  return Buffer.concat(parts, total);
};
