/** Which topics a configuration chooses from those that exist. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Subscription } from '../../src/source/kafka/subscription.ts';

const of = (...topics: ConstructorParameters<typeof Subscription>[0]['topics']) =>
  new Subscription({ topics, deadLetterTopic: 'llm-dead', checkpointTopic: 'llm-state' });

describe('subscription', () => {
  it('takes a pattern for the whole name', () => {
    const one = of({ pattern: 'llm-.*|gw', format: 'auto' });
    assert.deepEqual(one.choose(['llm-b', 'llm-a', 'my-llm-a', 'gw', 'gw-2', 'llm']), ['gw', 'llm-a', 'llm-b']);
  });

  it('never takes internal topics or our own by pattern', () => {
    const all = of({ pattern: '.*', format: 'auto' });
    const topics = [
      '__consumer_offsets',
      'nightjar.dead-letter',
      'nightjar.checkpoint',
      'llm-dead',
      'llm-state',
      '_ok',
    ];
    assert.deepEqual(all.choose(topics), ['_ok']);
    assert.deepEqual(
      of({ topic: '__mine', format: 'auto' }).choose(['__mine']),
      ['__mine'],
      'a name says what it means',
    );
  });

  it('a name wins over a pattern, an earlier pattern over a later one', () => {
    const one = of(
      { pattern: 'llm-x.*', format: 'otlp' },
      { pattern: 'llm-.*', format: 'kong' },
      { topic: 'llm-x1', format: 'litellm' },
    );
    assert.deepEqual(
      ['llm-x1', 'llm-x2', 'llm-y'].map((topic) => one.formatOf(topic)),
      ['litellm', 'otlp', 'kong'],
    );
  });

  it('knows what was made after the first look', () => {
    const one = of({ pattern: 'llm-.*', format: 'auto' }, { topic: 'named', format: 'auto' });
    assert.deepEqual(one.choose(['llm-a']), ['llm-a']);
    assert.deepEqual(one.missing(['llm-a']), ['named']);
    assert.deepEqual(one.choose(['llm-a', 'llm-b', 'named']), ['llm-a', 'llm-b', 'named']);
    assert.deepEqual(
      ['llm-a', 'llm-b', 'named'].map((topic) => one.isLate(topic)),
      [false, true, true],
    );
    assert.deepEqual(of({ pattern: 'a.*', format: 'auto' }).missing(['b']), ['/a.*/']);
  });

  it('matches in linear time', () => {
    const evil = of({ pattern: '(a+)+b', format: 'auto' });
    const began = performance.now();
    assert.deepEqual(evil.choose(['a'.repeat(249)]), []);
    assert.ok(performance.now() - began < 500);
  });
});
