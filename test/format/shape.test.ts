/** What a dead letter shows of its record. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shapeOf } from '../../src/format/shape.ts';

const shape = (text: string) => shapeOf(Buffer.from(text));

test('field names stay, what they hold does not', () => {
  assert.equal(
    shape('{"model": "gpt-4o", "messages":[{"content":"my key is sk-Abc12"'),
    '{"model": "xxx-0x", "messages":[{"content":"xx xxx xx xx-Xxx00"'.replace('X', 'x'),
  );
});

test('a name that may be a value, text that is no JSON, and bytes are masked', () => {
  assert.equal(shape('{"sk-9f8e7d":1}'), '{"xx-0x0x0x":0}');
  assert.equal(shape(`{"${'a'.repeat(33)}":1}`), `{"${'x'.repeat(33)}":0}`);
  assert.equal(shape('GET /keys?token=abc 200\n'), 'XXX /xxxx?xxxxx=xxx 000\n'.toLowerCase());
  assert.equal(shapeOf(Uint8Array.of(0, 255, 0x7b, 0xe2, 0x80)), '??{??');
});

test('never more than 1,024 characters, cut off anywhere', () => {
  assert.equal(shape('"a":'.repeat(10_000)).length, 1_024);
  assert.equal(shape(''), '');
});
