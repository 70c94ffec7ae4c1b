/** The smallest model server for the OpenAI SDK: a tool call, a streamed answer, and a refusal for the model `denied`. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { TestContext } from 'node:test';

const BASE = { id: 'chatcmpl-stub-1', created: 1_788_000_000, model: 'gpt-4o-mini-2024-07-18' };
const USAGE = { prompt_tokens: 21, completion_tokens: 9, total_tokens: 30 };
const CALL = {
  id: 'call_1',
  type: 'function',
  function: { name: 'send_mail', arguments: '{"to": "bob@example.net"}' },
};

const completion = {
  ...BASE,
  object: 'chat.completion',
  choices: [
    { index: 0, finish_reason: 'tool_calls', message: { role: 'assistant', content: null, tool_calls: [CALL] } },
  ],
  usage: USAGE,
};

const chunks = [
  { delta: { role: 'assistant', content: 'Two ' }, finish_reason: null },
  { delta: { content: 'words' }, finish_reason: null },
  { delta: {}, finish_reason: 'stop' },
].map((choice) => ({ ...BASE, object: 'chat.completion.chunk', choices: [{ index: 0, ...choice }] }));

/** Its address, `http://127.0.0.1:port`. */
export async function openaiStub(t: TestContext): Promise<string> {
  const server = createServer(async (request, response) => {
    const asked = (await json(request)) as { model: string; stream?: boolean };
    if (asked.stream) {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const chunk of chunks) response.write(`data: ${JSON.stringify(chunk)}\n\n`);
      response.end('data: [DONE]\n\n');
      return;
    }
    const denied = asked.model === 'denied';
    response.writeHead(denied ? 403 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(denied ? { error: { message: 'not yours', type: 'forbidden' } } : completion));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
