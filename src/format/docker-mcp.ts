/**
 * Docker MCP Gateway spans: `mcp.tool.call`, `mcp.prompt.get`, `mcp.resource.read` with `mcp.tool.name` and `mcp.server.name`; no arguments, no
 * results, no user.
 *
 * Identity: agent is `mcp.client.name` with its version, else the service; the rest as in span-facts.ts, mostly absent.
 */
import { type Format, makeEvent } from './contract.ts';
import { firstIdent, ident } from './identity.ts';
import type { Span } from './otlp.ts';
import { type Obj, str } from './read.ts';
import { toolEvent } from './span-event.ts';
import { spanFacts } from './span-facts.ts';

const READS: Readonly<Record<string, string>> = {
  'mcp.prompt.get': 'prompts/get',
  'mcp.resource.read': 'resources/read',
  'mcp.resource_template.read': 'resources/read',
};

export const dockerMcp: Format = {
  id: 'docker-mcp',
  family: 'otlp',
  kind: 'span',
  recognise: (unit) => {
    const a = unit.attributes as Obj;
    return (
      a['mcp.method.name'] === undefined &&
      a['gen_ai.tool.name'] === undefined &&
      (a['mcp.tool.name'] !== undefined || (a['mcp.server.name'] !== undefined && str(unit.name) !== undefined))
    );
  },
  toEvents: (unit, context) => {
    const span = unit as Span;
    const a = span.attributes;
    const name = Object.hasOwn(READS, span.name) ? READS[span.name] : ident(a['mcp.tool.name']);
    const known = clientOf(a);
    if (name === undefined) {
      if (!span.name.endsWith('/list') && !span.name.endsWith('.list')) return [];
      const facts = spanFacts(span, context);
      return [
        makeEvent('docker-mcp', context, {
          ...facts,
          ...known,
          operation: 'access',
          route: span.name,
          input: [],
          output: [],
          tools: [],
        }),
      ];
    }
    const uri = firstIdent(a['mcp.resource.uri'], a['mcp.prompt.name']);
    const event = toolEvent('docker-mcp', span, context, {
      id: undefined,
      name,
      server: a['mcp.server.name'],
      arguments: uri === undefined ? undefined : { uri },
      result: undefined,
    });
    return [{ ...event, ...known }];
  },
};

/** The client as the agent, where the span names one. */
function clientOf(a: Obj): { agent?: string; agentVersion?: string } {
  const agent = ident(a['mcp.client.name']);
  const agentVersion = ident(a['mcp.client.version']);
  if (agent === undefined) return {};
  return agentVersion === undefined ? { agent } : { agent, agentVersion };
}
