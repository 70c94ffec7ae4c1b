/** Alerts and incidents for tests of delivery: a quiet one, and a generator of hostile ones. */
import fc from 'fast-check';
import { type Alert, type Incident, SEVERITIES } from '../../src/model/finding.ts';

export function sampleAlert(change: Partial<Alert> = {}): Alert {
  return {
    id: 'al_0123456789abcdefghjk',
    '@timestamp': '2026-11-23T10:15:02.120Z',
    detector: 'toxic-flow',
    class: 'artifact',
    maturity: 'stable',
    title: 'Recipient taken from an untrusted document',
    severity: 'high',
    confidence: 0.93,
    entities: {
      tenant: 'default',
      principal: 'user-07',
      credential: 'sha256:00ff',
      session: 's-1',
      agent: null,
      endpoint: 'llm.example.com',
      tool: 'send_email',
      resource: 'mail:ext@example.net',
    },
    event_ids: ['call-9f', 'call-a1'],
    incident_id: 'in_0123456789abcdefghjk',
    techniques: ['AML.T0086', 'T1567'],
    evidence: [
      {
        kind: 'copied-destination',
        observed: 'e…@example.net',
        usual: '0 of 212 calls',
        quiet_if: 'the user had named it',
      },
    ],
    untrusted_trigger: true,
    stage: 'own',
    revision: 1,
    final: false,
    ...change,
  };
}

export function sampleIncident(change: Partial<Incident> = {}): Incident {
  return {
    id: 'in_0123456789abcdefghjk',
    tenant: 'default',
    status: 'open',
    detector: 'toxic-flow',
    entity: 'session:s-1',
    title: 'Recipient taken from an untrusted document',
    severity: 'high',
    opened: '2026-11-23T10:15:02.120Z',
    updated: '2026-11-23T10:15:02.120Z',
    alerts: 1,
    grouped: 0,
    alert_ids: ['al_0123456789abcdefghjk'],
    version: 1,
    notify: 'opened',
    ...change,
  };
}

const HOSTILE = [
  '<!channel> <@U123> <https://evil.example|click>',
  'http://evil.example/steal?q=1 & <b>',
  '\u202egnp.exe\u202c \u200bhid\u00ad\u2066den\u2069 \u{e0041}\u0000\u001b[31mred',
  '`code` ```block``` *bold* _it_ ~no~ :smile: @here',
  'ａｄｍｉｎ@example。com 10.0.0.1 ｗｗｗ．example．net',
  '"\\\n\r\t quotes',
  '\ud800 lone',
];

/** Any text a log could bring along: short, hostile, or far over every limit. */
export const anyText = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
  { weight: 3, arbitrary: fc.constantFrom(...HOSTILE) },
  { weight: 1, arbitrary: fc.constantFrom('&'.repeat(20_000), 'x'.repeat(50_000), '漢'.repeat(30_000), '') },
);

/** Alerts whose every open field is hostile; lists may be far too long. */
export const anyAlert: fc.Arbitrary<Alert> = fc
  .record({
    title: anyText,
    severity: fc.constantFrom(...SEVERITIES),
    confidence: fc.double({ min: 0, max: 1, noNaN: true }),
    detector: anyText,
    value: anyText,
    evidence: fc.array(fc.record({ observed: anyText, usual: fc.option(anyText), quiet_if: fc.option(anyText) }), {
      maxLength: 60,
    }),
    events: fc.array(anyText, { maxLength: 100 }),
    techniques: fc.array(anyText, { maxLength: 40 }),
  })
  .map(({ value, evidence, events, ...rest }) =>
    sampleAlert({
      ...rest,
      event_ids: events,
      evidence: evidence.map((item) => ({ kind: value, ...item })),
      entities: {
        tenant: value || 'default',
        principal: value,
        credential: value,
        session: value,
        agent: value,
        endpoint: value,
        tool: value,
        resource: value,
      },
    }),
  );
