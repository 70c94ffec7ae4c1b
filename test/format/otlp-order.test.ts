/** Protobuf leaves the order of fields to the writer: the Collector writes the last field of a message first. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { decode } from '../../src/format/decode.ts';
import { encodeOtlp } from './otlp-encode.ts';

/** Length of the varint at this place and its value. */
function varint(bytes: Buffer, at: number): { value: number; size: number } {
  let value = 0;
  let size = 0;
  for (let scale = 1, more = true; more; scale *= 128) {
    const byte = bytes[at + size++] as number;
    value += (byte & 127) * scale;
    more = byte >= 128;
  }
  return { value, size };
}

/** The message with its fields in reverse, down to the spans or log records. */
function reversed(bytes: Buffer, depth = 0): Buffer {
  const fields: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at] as number;
    const wire = tag & 7;
    const length = varint(bytes, at + 1);
    const end = at + 1 + (wire === 1 ? 8 : wire === 5 ? 4 : wire === 0 ? length.size : length.size + length.value);
    const content = bytes.subarray(at + 1 + length.size, end);
    const nested = wire === 2 && tag >> 3 === (depth === 0 ? 1 : 2) && depth < 3;
    const head = bytes.subarray(at, at + 1 + length.size);
    fields.unshift(nested ? Buffer.concat([head, reversed(content, depth + 1)]) : bytes.subarray(at, end));
    at = end;
  }
  return Buffer.concat(fields);
}

for (const name of ['otlp-spans', 'otlp-spans-structured', 'otlp-logs', 'otlp-logs-messages']) {
  test(`${name} with all fields in reverse is read the same`, () => {
    const request = JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8'));
    const straight = encodeOtlp(request);
    const other = reversed(straight);
    assert.equal(other.length, straight.length);
    assert.ok(!other.equals(straight));
    const options = { format: 'auto', tenant: 'default' };
    const byId = (value: Buffer) =>
      decode(value, options).events.sort((a, b) => a.id.localeCompare(b.id) || a.time - b.time);
    const events = byId(other);
    assert.ok(events.length > 0);
    const plain = byId(straight);
    assert.deepEqual(
      events.map(({ id, operation, model, output }) => ({ id, operation, model, output })),
      plain.map(({ id, operation, model, output }) => ({ id, operation, model, output })),
    );
  });
}
