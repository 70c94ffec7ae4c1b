/** What every adapter of the port Store must do. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Alert, Incident } from '../../src/model/finding.ts';
import type { ResponseRecord } from '../../src/model/response.ts';
import type { Store } from '../../src/ports.ts';
import { sampleAlert, sampleIncident } from '../deliver/sample.ts';
import { eventually } from './eventually.ts';

export interface StoreUnderTest {
  store: Store;
  end?(): Promise<void>;
}

/** @param start an own, empty store per call; undefined when the test was skipped */
export function storeSuite(
  name: string,
  start: (t: { skip(message?: string): void }) => Promise<StoreUnderTest | undefined>,
): void {
  function check(title: string, body: (store: Store) => Promise<void>): void {
    test(`store on ${name}: ${title}`, { timeout: 60_000 }, async (t) => {
      const subject = await start(t);
      if (!subject) return;
      try {
        await subject.store.setup();
        await body(subject.store);
      } finally {
        await subject.store.close();
        await subject.end?.();
      }
    });
  }
  // A search engine shows what was written only after a moment.
  const found = (read: () => Promise<unknown>, expected: unknown) =>
    eventually(async () => assert.deepEqual(await read(), expected));
  const ids = async (alerts: Promise<Alert[]>) => (await alerts).map((alert) => alert.id);

  check('setup may run again and forgets nothing', async (store) => {
    const alert = sampleAlert();
    await store.putAlert(alert);
    await store.setup();
    await found(() => store.getAlert(alert.id), alert);
  });

  check('nothing is found in an empty store', async (store) => {
    assert.equal(await store.getAlert('al_none'), undefined);
    assert.equal(await store.getIncident('in_none'), undefined);
    assert.deepEqual(await store.findAlerts({}), []);
  });

  check(
    'an alert keeps its revisions: written once each, the newest is shown, in whatever order they came',
    async (store) => {
      const first = sampleAlert({ revision: 1, title: 'first' });
      const second = sampleAlert({ revision: 2, title: 'second', severity: 'critical' });
      await store.putAlert(second);
      await store.putAlert(first);
      await store.putAlert({ ...second, title: 'a second write of the same revision' });
      await found(() => store.getAlert(first.id), second);
      await found(() => store.findAlerts({}), [second]);
      await found(() => store.findAlerts({ severity: 'critical' }), [second]);
      await found(() => store.findAlerts({ severity: 'high' }), []);
    },
  );

  check('an older version of an incident never overwrites a newer one', async (store) => {
    const at = (version: number): Incident => ({ ...sampleIncident(), version, alerts: version });
    await store.putIncident(at(2));
    await store.putIncident(at(1));
    await found(() => store.getIncident(at(1).id), at(2));
    await store.putIncident(at(3));
    await found(() => store.getIncident(at(1).id), at(3));
  });

  check('alerts are found by detector, severity and entity, newest first, up to the limit', async (store) => {
    const entities = sampleAlert().entities;
    const at = (second: number) => `2026-11-23T10:15:0${second}.000Z`;
    for (const alert of [
      sampleAlert({ id: 'al_a', '@timestamp': at(1), detector: 'canary' }),
      sampleAlert({ id: 'al_c', '@timestamp': at(3), detector: 'canary', severity: 'low' }),
      sampleAlert({ id: 'al_b', '@timestamp': at(2), entities: { ...entities, principal: 'user-99' } }),
    ]) {
      await store.putAlert(alert);
    }
    await found(() => ids(store.findAlerts({})), ['al_c', 'al_b', 'al_a']);
    await found(() => ids(store.findAlerts({ limit: 2 })), ['al_c', 'al_b']);
    await found(() => ids(store.findAlerts({ detector: 'canary' })), ['al_c', 'al_a']);
    await found(() => ids(store.findAlerts({ detector: 'canary', severity: 'low' })), ['al_c']);
    await found(() => ids(store.findAlerts({ entity: 'user-99' })), ['al_b']);
    await found(() => ids(store.findAlerts({ entity: 'nobody' })), []);
  });

  check('a hostile entity is kept and searched as text', async (store) => {
    const hostile = `x' OR 1=1 -- " * ? \\ {"a":1} 💥`;
    const alert = sampleAlert({ entities: { ...sampleAlert().entities, resource: hostile } });
    await store.putAlert(alert);
    await found(() => store.findAlerts({ entity: hostile }), [alert]);
    await found(() => store.findAlerts({ entity: `x' OR` }), []);
  });

  check('a response may be written again', async (store) => {
    const record: ResponseRecord = {
      id: 're_1',
      '@timestamp': '2026-11-23T10:15:04.000Z',
      playbook: 'contain-session',
      alert_id: 'al_1',
      incident_id: 'in_1',
      mode: 'observe',
      steps: [
        {
          action: 'webhook',
          target: { kind: 'session', id: 's-1' },
          outcome: 'observed',
          reason: null,
          effect: 'in_1|webhook|session|s-1',
        },
      ],
    };
    await store.putResponse(record);
    await store.putResponse({ ...record, mode: 'enforce' });
  });
}
