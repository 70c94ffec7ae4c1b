/** Correlation: one incident per entity and detector in a row of findings, each subject told once and again when it gets worse. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Correlator, type Raised } from '../../src/correlate/correlator.ts';
import type { Finding } from '../../src/model/finding.ts';
import { contentId } from '../../src/model/ids.ts';
import type { Changes } from '../../src/stream/cells.ts';
import { START } from '../detect/observations.ts';

const MINUTE = 60_000;

function finding(n: number, more: Partial<Finding> & { entity?: string } = {}): Finding {
  const { entity = 's-1', ...rest } = more;
  const event = `e${n}`;
  return {
    id: contentId('fi', [entity, rest.detector ?? 'd', rest.about ?? 'x', event]),
    time: START + n * MINUTE,
    detector: 'd',
    class: 'behaviour',
    maturity: 'stable',
    key: { tenant: 'default', dimension: 'session', id: entity },
    about: 'x',
    title: 't',
    severity: 'medium',
    confidence: 0.9,
    entities: {
      tenant: 'default',
      principal: null,
      credential: null,
      session: entity,
      agent: null,
      endpoint: null,
      tool: null,
      resource: null,
    },
    eventIds: [event],
    evidence: [],
    techniques: [],
    untrustedTrigger: false,
    stage: null,
    ...rest,
  };
}

function play(findings: Finding[], grouped: Finding[] = []): Raised[] {
  const correlator = new Correlator({ grouped: (one) => grouped.push(one) });
  const changes: Changes<Raised> = { added: [], changed: [], removed: [] };
  for (const one of findings) correlator.add(one, changes);
  assert.deepEqual([changes.changed, changes.removed], [[], []]);
  return changes.added;
}

describe('correlator', () => {
  it('puts findings of one detector and entity into one incident, and others into others', () => {
    const raised = play([
      finding(1),
      finding(2, { about: 'y' }),
      finding(3, { entity: 's-2' }),
      finding(4, { detector: 'other' }),
      finding(5, { key: { tenant: 'acme', dimension: 'session', id: 's-1' } }),
    ]);
    const incidents = raised.map(({ incident }) => incident.id);
    assert.equal(new Set(incidents).size, 4);
    assert.equal(incidents[0], incidents[1]);
    assert.deepEqual(raised[1]?.incident.alert_ids, [raised[0]?.id, raised[1]?.id]);
    assert.equal(raised[0]?.incident.entity, 'session:s-1');
  });

  it('opens another incident after an hour without a finding, and not at its edge', () => {
    const ids = (gap: number) => play([finding(0), finding(gap, { about: 'y' })]).map(({ incident }) => incident.id);
    assert.equal(new Set(ids(60)).size, 1);
    assert.equal(new Set(ids(60.001)).size, 2);
    const again = play([finding(0), finding(61)]);
    assert.equal(again.length, 2);
    assert.notEqual(again[0]?.id, again[1]?.id);
  });

  it('groups the same subject, counts it, and tells it again only when it gets worse', () => {
    const grouped: Finding[] = [];
    const raised = play(
      [
        finding(1),
        finding(2),
        finding(3, { severity: 'low' }),
        finding(4, { severity: 'high' }),
        finding(5, { severity: 'high' }),
        finding(6, { about: 'y' }),
      ],
      grouped,
    );
    assert.deepEqual(
      raised.map(({ alert, incident }) => [
        alert.severity,
        alert.revision,
        incident.grouped,
        incident.alerts,
        incident.notify,
      ]),
      [
        ['medium', 1, 0, 1, 'opened'],
        ['high', 2, 2, 1, 'raised'],
        ['medium', 1, 3, 2, null],
      ],
    );
    assert.equal(raised[0]?.id, raised[1]?.id);
    assert.deepEqual(raised[1]?.alert.event_ids, ['e1', 'e4']);
    assert.equal(grouped.length, 3);
    const versions = raised.map(({ incident }) => incident.version);
    assert.deepEqual(versions, [1, 4, 6]);
  });

  it('keeps the number of alerts bounded; a flood does not hide what is worse', () => {
    const flood = Array.from({ length: 200 }, (_, n) =>
      finding(n / 10, { about: `subject ${n}`, eventIds: [`e${n}`] }),
    );
    const raised = play([
      ...flood,
      finding(21, { about: 'worse', severity: 'critical' }),
      finding(22, { about: 'late', severity: 'high' }),
    ]);
    assert.equal(raised.length, 51);
    const last = raised.at(-1);
    assert.deepEqual(
      [last?.alert.severity, last?.incident.notify, last?.incident.grouped],
      ['critical', 'raised', 150],
    );
  });

  it('takes subjects of any name', () => {
    const names = ['__proto__', 'constructor', 'toString', ''];
    const raised = play(names.map((about, n) => finding(n, { about })));
    assert.equal(new Set(raised.map(({ id }) => id)).size, names.length);
    assert.equal((Object as unknown as { severity?: string }).severity, undefined);
  });

  it('survives that its only finding is taken back', () => {
    const correlator = new Correlator();
    const changes: Changes<Raised> = { added: [], changed: [], removed: [] };
    correlator.add(finding(1), changes);
    correlator.remove(finding(1), changes);
    assert.deepEqual(
      changes.removed.map(({ id }) => id),
      changes.added.map(({ id }) => id),
    );
    assert.deepEqual(correlator.close(START + 10 * MINUTE), []);
    correlator.add(finding(11), changes);
    assert.equal(changes.added.length, 2);
  });

  it('names alerts and incidents by content alone', () => {
    const [first, second] = [play([finding(1)]), play([finding(1)])];
    assert.deepEqual(first, second);
    assert.match(first[0]?.id ?? '', /^al_[0-9a-z]{20}$/);
    assert.match(first[0]?.incident.id ?? '', /^in_[0-9a-z]{20}$/);
  });
});
