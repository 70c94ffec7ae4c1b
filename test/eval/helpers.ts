/** Made-up alerts and traces for the scoring tests. */

import type { Trace } from '../../src/eval/traces.ts';
import type { Alert } from '../../src/model/finding.ts';

let count = 0;

export function alert(part: Partial<Omit<Alert, 'entities'>> & { entities?: Partial<Alert['entities']> }): Alert {
  return {
    id: `al_${count++}`,
    '@timestamp': '2026-01-05T09:00:00.000Z',
    detector: 'toxic-flow',
    class: 'behaviour',
    maturity: 'stable',
    title: 'made up',
    severity: 'high',
    confidence: 0.9,
    event_ids: [],
    incident_id: 'in_1',
    techniques: [],
    evidence: [],
    untrusted_trigger: false,
    stage: null,
    revision: 1,
    final: true,
    ...part,
    entities: {
      tenant: 'default',
      principal: null,
      credential: null,
      session: null,
      agent: null,
      endpoint: null,
      tool: null,
      resource: null,
      ...part.entities,
    },
  };
}

/** A trace with `turns` model turns, each but the last calling one tool. */
export function trace(id: string, part: Partial<Trace> = {}, turns = 2): Trace {
  const messages: Trace['messages'] = [{ role: 'user', content: `do ${id}` }];
  for (let i = 1; i < turns; i++) {
    messages.push({
      role: 'assistant',
      content: '',
      tool_calls: [{ id: `call_${i}`, type: 'function', function: { name: 'look_up', arguments: `{"n":${i}}` } }],
    });
    messages.push({ role: 'tool', content: `result ${i}`, tool_call_id: `call_${i}`, name: 'look_up' });
  }
  messages.push({ role: 'assistant', content: 'done' });
  return {
    id,
    source: 'made',
    split_key: `made/${id.length}`,
    model: 'm',
    label: 'benign',
    attack: null,
    attack_succeeded: null,
    category: null,
    tools: ['look_up'],
    messages,
    meta: {},
    ...part,
  };
}

export async function collect(records: AsyncIterable<Uint8Array>): Promise<Record<string, unknown>[]> {
  const out: Record<string, unknown>[] = [];
  for await (const bytes of records) out.push(JSON.parse(Buffer.from(bytes).toString('utf8')));
  return out;
}
