/** The truth is true: what the labelled records of each kind of campaign show, and that no other record shows it. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { decode } from '../../src/format/decode.ts';
import type { Event } from '../../src/model/event.ts';
import { simulate } from '../../src/simulate/simulate.ts';
import type { CampaignTruth, Truth } from '../../src/simulate/truth.ts';

const MONDAY = Date.UTC(2026, 8, 7);
const HOUR = 3_600_000;

interface Seen {
  event: Event;
  raw: Record<string, unknown>;
  campaign: string | undefined;
}

const log: Seen[] = [];
let truth: Truth = { campaigns: [], benign_odd: [] };
const traffic = simulate({ seed: 4, days: 6, start: MONDAY, people: 24, agents: 10, scale: 0.2, campaigns: 3 });
for (let step = traffic.next(); ; step = traffic.next()) {
  if (step.done) {
    truth = step.value;
    break;
  }
  const { record, truth: campaign } = step.value;
  const [event] = decode(Buffer.from(JSON.stringify(record)), { format: 'auto', tenant: 'default' }).events;
  log.push({ event: event as Event, raw: record, campaign });
}

/** Each campaign of a type with its labelled records in order; there are three, of three difficulties. */
function each(type: string, check: (evil: Event[], campaign: CampaignTruth, all: Seen[]) => void): void {
  const campaigns = truth.campaigns.filter((c) => c.type === type);
  assert.ok(campaigns.length >= 2, `${campaigns.length} of ${type}`);
  for (const campaign of campaigns) {
    const all = log.filter((seen) => seen.campaign === campaign.id);
    check(
      all.map((seen) => seen.event),
      campaign,
      all,
    );
  }
}

const calls = (event: Event) => event.output.flatMap((m) => m.toolCalls ?? []);
const ok = (event: Event): boolean => event.status === 'ok';

test('an outsider is reached by labelled calls alone', () => {
  let reached = 0;
  for (const campaign of truth.campaigns) {
    for (const resource of campaign.entities.resource ?? []) {
      const place = resource.slice(resource.indexOf(':') + 1);
      for (const seen of log) {
        if (!calls(seen.event).some((c) => c.arguments.includes(place))) continue;
        assert.equal(seen.campaign, campaign.id, `${place} in ${seen.event.id}`);
        reached++;
      }
    }
  }
  assert.ok(reached > 30, `${reached}`);
});

test('a revoked key calls with success after it was revoked', () => {
  each('revoked-credential', (evil) => {
    const key = evil[0]?.credential as string;
    const revoked = log.find((s) => s.event.change?.object === key && /deleted|blocked/.test(s.event.change.action));
    assert.ok(revoked);
    const good = evil.filter(ok);
    assert.ok(good.length > 0 && good.every((e) => e.credential === key && e.time > revoked.event.time));
    const before = log.filter((s) => s.event.credential === key && s.event.time < revoked.event.time);
    assert.ok(before.length > 0, 'it had a life before');
  });
});

test('a leaked key stands in a text before a stranger calls with it', () => {
  each('leaked-credential', (evil, campaign) => {
    const [leak, ...uses] = evil as [Event, ...Event[]];
    const shown = JSON.stringify(leak.input).match(/sk-[0-9A-Za-z]{22}/)?.[0] as string;
    const stranger = evil.at(-1)?.clientAddress;
    const strange = uses.filter((e) => e.clientAddress === stranger);
    const credential = `sha256:${createHash('sha256').update(shown).digest('hex')}`;
    assert.ok(strange.length >= 2 && strange.every((e) => e.credential === credential && e.time > leak.time));
    assert.ok(log.every((s) => s.campaign === campaign.id || s.event.clientAddress !== stranger));
  });
});

test('a dormant key was silent for two days and more', () => {
  each('dormant-key', (evil) => {
    const { credential, time } = evil[0] as Event;
    const uses = log.filter((s) => s.event.credential === credential && s.event.time < time);
    assert.ok(uses.every((s) => s.event.time < time - 48 * HOUR));
    assert.ok(log.some((s) => s.event.change?.object === credential && s.event.change?.expires === null));
  });
});

test('a block makes all of its key fail, and nothing else of the campaign', () => {
  each('response-harm', (evil) => {
    assert.ok(evil.length >= 5);
    assert.ok(evil.every((e) => e.httpStatus === 401));
    assert.equal(new Set(evil.map((e) => e.credential)).size, 1);
    const { credential, time } = evil[0] as Event;
    const block = log.find((s) => s.event.change?.object === credential && s.event.change?.action === 'blocked');
    assert.ok(block && block.event.time < time);
    const within = log.filter(
      (s) => s.event.credential === credential && s.event.time >= time && s.event.time <= (evil.at(-1)?.time ?? 0),
    );
    assert.ok(within.every((s) => !ok(s.event)));
  });
});

test('rights are widened by the one who then uses them', () => {
  each('permission-widened', (evil) => {
    const [first, ...later] = evil as [Event, ...Event[]];
    const uses = later.filter((e) => e.operation !== 'admin');
    assert.equal(first.operation, 'admin');
    assert.ok(
      uses.length > 0 && uses.some((e) => e.principal === first.principal || e.credential === first.change?.object),
    );
    assert.ok(uses.every((e) => e.time > first.time));
  });
});

test('a poisoned tool is offered with words or arguments that it never had', () => {
  each('tool-poisoning', (evil) => {
    const known = new Set(
      log.filter((s) => s.campaign === undefined).flatMap((s) => s.event.tools.map((t) => JSON.stringify(t))),
    );
    for (const e of evil)
      assert.ok(
        e.tools.some((t) => !known.has(JSON.stringify(t))),
        e.id,
      );
  });
});

test('what is dark has no content or no guardrail', () => {
  each('blind-spot', (_evil, _campaign, all) => {
    for (const { event, raw } of all) {
      if (!ok(event) || event.operation === 'admin') continue;
      const unguarded = (raw.status_fields as { guardrail_status: string }).guardrail_status === 'not_run';
      assert.ok(unguarded || event.input.length + event.output.length === 0, event.id);
    }
  });
  const elsewhere = log.filter((s) => s.raw.call_type && ok(s.event) && !s.campaign?.startsWith('blind-spot'));
  assert.ok(
    elsewhere.every((s) => (s.raw.status_fields as { guardrail_status: string }).guardrail_status === 'success'),
  );
});

test('a stolen session speaks from two places within minutes, a traveller too', () => {
  for (const type of ['session-theft', 'impossible-travel']) {
    each(type, (evil, campaign) => {
      const first = evil.find(ok) as Event;
      const near = log.filter(
        (s) =>
          s.campaign !== campaign.id &&
          s.event.principal === first.principal &&
          Math.abs(s.event.time - first.time) < 15 * 60_000 &&
          s.event.clientAddress !== first.clientAddress,
      );
      assert.ok(near.length > 0, campaign.id);
      if (type === 'session-theft') assert.ok(near.some((s) => s.event.session === first.session));
    });
  }
});

test('an open endpoint answers somebody without a key of their own', () => {
  each('exposed-endpoint', (evil) => {
    assert.ok(evil.some(ok));
    const keys = new Set(log.filter((s) => !s.campaign?.startsWith('exposed')).map((s) => s.event.credential));
    for (const e of evil) assert.ok(e.credential === undefined || !keys.has(e.credential));
    const known = new Set(log.filter((s) => s.campaign === undefined).map((s) => s.event.clientAddress));
    for (const e of evil) assert.ok(!known.has(e.clientAddress as string));
  });
});

test('a chain of keys: each was read in a result before it calls', () => {
  each('credential-chain', (evil) => {
    const credentials = [...new Set(evil.map((e) => e.credential))];
    assert.ok(credentials.length >= 3, `${credentials.length} keys`);
  });
});

test('delegates have a parent whose session exists', () => {
  each('delegated-spread', (evil) => {
    const parents = new Set(evil.map((e) => e.parent));
    assert.equal(parents.size, 1);
    assert.ok(log.some((s) => s.event.session === [...parents][0]));
  });
  assert.ok(
    log.some((s) => s.event.parent && s.campaign === undefined),
    'delegation is ordinary, too',
  );
});

test('the marked instructions come out of the assistant', () => {
  each('prompt-leak', (evil) => {
    for (const e of evil.filter(ok)) {
      const system = e.input.find((m) => m.role === 'system')?.text as string;
      const said = e.output.map((m) => m.text).join('\n');
      const plain = `${said}\n${Buffer.from(said.replace(/^\W*|\W*$/g, ''), 'base64').toString('utf8')}`;
      const words = system.split('\n').filter((line) => line.length > 8);
      assert.ok(
        words.some((line) => plain.includes(line.slice(0, 12)) || /[A-Za-z0-9+/]{40}/.test(said)),
        said,
      );
    }
  });
});
