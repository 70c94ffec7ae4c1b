/** Whom a request came from, when it came through proxies: what the client claims is never believed. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { clientRule } from '../../src/enrich/proxies.ts';
import { decode } from '../../src/format/decode.ts';

const CLIENT = '203.0.113.9';
const SPOOFED = '192.0.2.66';
const [EDGE, INNER] = ['10.0.0.1', '10.0.0.2'];

describe('trusted proxies', () => {
  it('nobody is trusted by default', () => {
    assert.equal(clientRule(0), undefined);
    assert.equal(clientRule([]), undefined);
  });

  it('ranges: back from the peer to the first hop that is no proxy, whatever the client claims before it', () => {
    const rule = clientRule(['10.0.0.0/8', '2001:db8::/32']);
    assert.equal(rule?.(INNER, [SPOOFED, CLIENT, EDGE]), CLIENT);
    assert.equal(rule?.(INNER, [EDGE, SPOOFED, CLIENT, EDGE]), CLIENT, 'a claimed proxy is a claim too');
    assert.equal(rule?.('2001:db8::7', [CLIENT]), CLIENT);
    assert.equal(rule?.('::ffff:10.0.0.2', [CLIENT]), CLIENT, 'IPv4 in IPv6');
    assert.equal(rule?.(CLIENT, [SPOOFED]), CLIENT, 'around the proxies: the list is its own');
    assert.equal(rule?.(INNER, [SPOOFED, CLIENT, INNER]), CLIENT, 'a writer that added its peer to the list');
    assert.equal(rule?.(INNER, [EDGE]), EDGE, 'proxies all the way');
    assert.equal(rule?.(INNER, []), INNER);
    assert.equal(rule?.(INNER, [SPOOFED, 'unknown']), INNER, 'what is no address ends the way');
    assert.equal(rule?.(undefined, [SPOOFED]), undefined, 'nobody vouches for the list');
  });

  it('a number: so many hops before the writer of the log', () => {
    assert.equal(clientRule(1)?.(EDGE, [SPOOFED, CLIENT]), CLIENT);
    assert.equal(clientRule(2)?.(INNER, [SPOOFED, CLIENT, EDGE]), CLIENT);
    assert.equal(clientRule(2)?.(INNER, [SPOOFED, CLIENT, EDGE, INNER]), CLIENT, 'the peer twice is one hop');
    assert.equal(clientRule(1)?.(undefined, [SPOOFED, CLIENT]), CLIENT, 'a log without the peer');
    assert.equal(clientRule(3)?.(INNER, [CLIENT]), CLIENT);
    assert.equal(clientRule(1)?.(EDGE, []), EDGE);
    assert.equal(clientRule(1)?.(EDGE, ['']), EDGE);
  });

  it('says which range is none', () => {
    assert.throws(() => clientRule(['10.0.0.0/8', '10.0.0.0/99']), {
      code: 'NJ_CONFIG',
      message: 'trustedProxies[1]: 10.0.0.0/99 has no prefix length from 0 to 32',
    });
  });
});

describe('client address of formats that carry the list', () => {
  const body = { model: 'm', messages: [{ role: 'user', content: 'hi' }] };
  const answer = { model: 'm', choices: [{ message: { role: 'assistant', content: 'ho' } }] };
  const list = `${SPOOFED}, ${CLIENT}`;
  const text = (stringValue: string) => ({ stringValue });
  const span = (attributes: Record<string, unknown>) => ({
    resourceSpans: [
      {
        scopeSpans: [
          {
            spans: [
              {
                traceId: '0af7651916cd43dd8448eb211c80319c',
                spanId: 'b7ad6b7169203331',
                name: 'chat m',
                kind: 2,
                startTimeUnixNano: '1788000000000000000',
                endTimeUnixNano: '1788000001000000000',
                attributes: Object.entries({
                  'gen_ai.operation.name': text('chat'),
                  'gen_ai.request.model': text('m'),
                  ...attributes,
                }).map(([key, value]) => ({ key, value })),
              },
            ],
          },
        ],
      },
    ],
  });
  const records: [string, unknown, string | undefined][] = [
    [
      'a pair with headers',
      { request: body, response: answer, client_ip: EDGE, headers: { 'X-Forwarded-For': list } },
      EDGE,
    ],
    [
      'Kong',
      {
        client_ip: EDGE,
        request: { id: 'r', uri: '/v1/chat/completions', headers: { 'x-forwarded-for': [SPOOFED, CLIENT] } },
        response: { status: 200 },
        ai: {
          proxy: {
            meta: { provider_name: 'openai', request_model: 'm' },
            usage: {},
            payload: { request: JSON.stringify(body) },
          },
        },
      },
      EDGE,
    ],
    [
      'APISIX',
      {
        client_ip: EDGE,
        route_id: '1',
        request: { uri: '/v1/chat/completions', headers: { 'x-forwarded-for': list }, body },
        response: { status: 200, body: answer },
      },
      EDGE,
    ],
    [
      'Envoy AI gateway',
      {
        genai_model_name: 'm',
        response_code: 200,
        downstream_remote_address: `${EDGE}:64484`,
        'x-forwarded-for': `${list},${EDGE}`,
        'x-envoy-origin-path': '/v1/chat/completions',
        'x-request-id': 'r',
        genai_backend_name: 'b',
      },
      EDGE,
    ],
    [
      'an MCP message in a wrapper',
      {
        client_ip: EDGE,
        headers: { 'x-forwarded-for': list },
        request: { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 't', arguments: {} } },
      },
      EDGE,
    ],
    [
      'a span',
      span({
        'client.address': text(SPOOFED),
        'network.peer.address': text(EDGE),
        'http.request.header.x-forwarded-for': { arrayValue: { values: [text(list)] } },
      }),
      SPOOFED,
    ],
    [
      'LiteLLM that logs the header',
      {
        id: 'c',
        call_type: 'acompletion',
        status: 'success',
        ...body,
        response: answer,
        metadata: { requester_ip_address: list },
      },
      undefined,
    ],
  ];
  for (const [name, record, untrusted] of records) {
    it(name, () => {
      const bytes = Buffer.from(JSON.stringify(record));
      const read = (trusted: number) => {
        const client = clientRule(trusted);
        const { events } = decode(bytes, { format: 'auto', tenant: 't', time: 1, ...(client ? { client } : {}) });
        assert.equal(events.length, 1);
        return events[0]?.clientAddress;
      };
      assert.equal(read(0), untrusted, 'trusting nobody');
      assert.equal(read(1), CLIENT, 'trusting the proxy before it');
    });
  }

  it('a huge list costs nothing and changes nothing', () => {
    const huge = `${`${SPOOFED},`.repeat(200_000)}${CLIENT}`;
    const record = { request: body, response: answer, client_ip: EDGE, headers: { 'x-forwarded-for': huge } };
    const client = clientRule(['10.0.0.0/8']);
    const began = performance.now();
    const { events } = decode(Buffer.from(JSON.stringify(record)), {
      format: 'auto',
      tenant: 't',
      time: 1,
      ...(client ? { client } : {}),
    });
    assert.equal(events[0]?.clientAddress, CLIENT);
    assert.ok(performance.now() - began < 500);
  });
});
