/** Decompression of Kafka batches: every framing, damaged data, and a ceiling that holds before memory is spent. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { compressFrameSync } from 'lz4-napi';
import { inflateGzip, inflateLz4, inflateSnappy, inflateZstd, TooLarge } from '../../src/source/kafka/decompress.ts';

const text = Buffer.from('the same words again '.repeat(2_000));
const LIMIT = 1_000_000;

/** Raw snappy without any matches: the length, then literals of at most 60 bytes. */
function snappyLiterals(data: Buffer): Buffer {
  const parts: Buffer[] = [];
  const head: number[] = [];
  let rest = data.length;
  for (; rest > 0x7f; rest >>>= 7) head.push((rest & 0x7f) | 0x80);
  parts.push(Buffer.from([...head, rest]));
  for (let at = 0; at < data.length; at += 60) {
    const part = data.subarray(at, at + 60);
    parts.push(Buffer.from([(part.length - 1) << 2]), part);
  }
  return Buffer.concat(parts);
}

function xerial(blocks: Buffer[]): Buffer {
  const head = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1]);
  const sized = blocks.flatMap((block) => {
    const size = Buffer.alloc(4);
    size.writeUInt32BE(block.length);
    return [size, block];
  });
  return Buffer.concat([head, ...sized]);
}

/** A zstd frame of one run-length block per 128 KB: 4 bytes stand for 131,072. */
function zstdRuns(blocks: number): Buffer {
  const parts = [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58])];
  for (let i = 0; i < blocks; i++) {
    const header = (131_072 << 3) | (1 << 1) | (i === blocks - 1 ? 1 : 0);
    parts.push(Buffer.from([header & 0xff, (header >> 8) & 0xff, (header >> 16) & 0xff, 0x61]));
  }
  return Buffer.concat(parts);
}

test('gzip', async () => {
  assert.ok(text.equals(Buffer.from(await inflateGzip(gzipSync(text), LIMIT))));
  await assert.rejects(inflateGzip(gzipSync(Buffer.alloc(LIMIT + 1)), LIMIT), TooLarge);
  await assert.rejects(inflateGzip(deflateRawSync(text), LIMIT), /damaged gzip/);
});

test('snappy, raw and in the framing of the Java client', async () => {
  const half = text.length / 2;
  const blocks = [snappyLiterals(text.subarray(0, half)), snappyLiterals(text.subarray(half))];
  assert.ok(text.equals(Buffer.from(await inflateSnappy(snappyLiterals(text), LIMIT))));
  assert.ok(text.equals(Buffer.from(await inflateSnappy(xerial(blocks), LIMIT))));
  await assert.rejects(inflateSnappy(snappyLiterals(text), text.length - 1), TooLarge);
  await assert.rejects(inflateSnappy(xerial(blocks), text.length - 1), TooLarge);
  // States 4 GB and holds nothing: refused by what it states, nothing is allocated.
  await assert.rejects(inflateSnappy(Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f]), LIMIT), TooLarge);
  await assert.rejects(inflateSnappy(xerial(blocks).subarray(0, 500), LIMIT), /cut off/);
});

test('lz4', async () => {
  assert.ok(text.equals((await inflateLz4(compressFrameSync(text), LIMIT)) as Buffer));
  await assert.rejects(inflateLz4(compressFrameSync(Buffer.alloc(20 * LIMIT)), LIMIT), TooLarge);
  await assert.rejects(inflateLz4(Buffer.from('no frame at all'), LIMIT), /no frame/);
});

test('zstd', async () => {
  assert.equal((await inflateZstd(zstdRuns(3), LIMIT)).length, 3 * 131_072);
  const before = process.memoryUsage().rss;
  await assert.rejects(inflateZstd(zstdRuns(20_000), LIMIT), TooLarge);
  assert.ok(process.memoryUsage().rss - before < 100_000_000, '2.6 GB were not inflated');
  await assert.rejects(inflateZstd(Buffer.from('nothing like it'), LIMIT));
});
