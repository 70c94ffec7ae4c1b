/**
 * The tools offered to the model, as facts. A log repeats the list on every call, so each distinct list and each distinct definition is
 * worked out once and shared by reference; lists are compared exactly, which costs less than any hash.
 */
import type { ToolDefinition } from '../model/event.ts';
import type { OfferedTool } from '../model/observation.ts';
import type { Fingerprinter } from './fingerprint.ts';
import { findFacts } from './offered-facts.ts';
import { readSchema, steady } from './offered-schema.ts';

/** What a list of tools is known by. */
export interface Offer {
  /** Fingerprint of the names, in any order. */
  toolList: string;
  /** Fingerprint of the definitions, in any order. */
  definitions: string;
  tools: readonly OfferedTool[];
}

interface Known {
  /** The definitions themselves, to compare with. */
  given: readonly ToolDefinition[];
  server: string | undefined;
  offer: Offer;
  bytes: number;
}

const MAX_TOOLS = 256;
const MAX_NAME = 160;
/** Lists of the same length that are kept apart: a list with a clock in it has many. */
const MAX_ALIKE = 8;
const DEFAULT_BYTES = 16 * 1024 * 1024;
const ENTRY_BYTES = 256;
const NAME = /[\w.-]{6,}/gu;
/** A name that no prose has by chance. */
const DISTINCT = /[a-z\d][_.-][a-z\d]|[a-z][A-Z]/u;

export class OfferedTools {
  readonly #fingerprints: Fingerprinter;
  readonly #lists = new Map<string, Known[]>();
  readonly #tools = new Map<string, OfferedTool>();
  readonly #limit: number;
  #bytes = 0;
  #toolBytes = 0;

  /** @param limit bytes that lists, and as many that single definitions, may take. */
  constructor(fingerprints: Fingerprinter, limit = DEFAULT_BYTES) {
    this.#fingerprints = fingerprints;
    this.#limit = limit;
  }

  /**
   * @param given the tools of one record, at least one.
   * @param server the MCP server that the whole list came from, where the record is its own listing.
   */
  of(given: readonly ToolDefinition[], server?: string): Offer {
    const sketch = sketchOf(given);
    const alike = this.#lists.get(sketch);
    const known = alike?.find((one) => one.server === server && sameTools(one.given, given));
    if (known) return known.offer;
    const offer = this.#read(given, server);
    this.#keep(sketch, { given, server, offer, bytes: sizeOf(given) });
    return offer;
  }

  #keep(sketch: string, known: Known): void {
    const alike = this.#lists.get(sketch) ?? [];
    alike.push(known);
    this.#bytes += known.bytes;
    if (alike.length > MAX_ALIKE) this.#bytes -= alike.shift()?.bytes ?? 0;
    this.#lists.delete(sketch);
    this.#lists.set(sketch, alike);
    for (const [oldest, lists] of this.#lists) {
      if (this.#bytes <= this.#limit || this.#lists.size === 1) break;
      this.#lists.delete(oldest);
      this.#bytes -= lists.reduce((sum, { bytes }) => sum + bytes, 0);
    }
  }

  #read(given: readonly ToolDefinition[], server: string | undefined): Offer {
    const names = given.map(({ name }) => name);
    const bounded = given.slice(0, MAX_TOOLS);
    const tools = bounded.map((tool) => this.#tool(tool, server));
    const distinct = new Map(
      tools.filter(({ name }) => DISTINCT.test(name)).map((tool) => [bareName(tool.name), tool]),
    );
    const list = tools.map((tool, i) => {
      const speaks = tool.facts.some((fact) => fact === 'orders' || fact === 'alters' || fact === 'conceals');
      if (!speaks || !refers(bounded[i] as ToolDefinition, tool, distinct)) return tool;
      return { ...tool, facts: [...tool.facts, 'refers' as const] };
    });
    return {
      toolList: this.#fingerprints.of(names.sort().join('\0')),
      definitions: this.#fingerprints.of(
        list
          .map(({ server, fingerprint, facts }) => `${server}\0${fingerprint}\0${facts}`)
          .sort()
          .join('\n'),
      ),
      tools: list,
    };
  }

  #tool(given: ToolDefinition, server: string | undefined): OfferedTool {
    const key = `${server ?? ''}\0${given.name}\0${given.description ?? ''}\0${given.parameters ?? ''}`;
    const known = this.#tools.get(key);
    if (known) return known;
    const { canonical, shape, text, parameters } = readSchema(given.parameters);
    const description = given.description ?? '';
    const from = server ?? serverOf(given.name);
    const tool: OfferedTool = {
      name: given.name.slice(0, MAX_NAME),
      ...(from === undefined ? {} : { server: from.slice(0, MAX_NAME) }),
      fingerprint: this.#fingerprints.of(`${given.name}\0${steady(description)}\0${canonical}`),
      parameters: this.#fingerprints.of(shape),
      facts: findFacts(`${description}\n${text}`, parameters),
    };
    if (this.#toolBytes > this.#limit) {
      this.#tools.clear();
      this.#toolBytes = 0;
    }
    this.#tools.set(key, tool);
    this.#toolBytes += 2 * key.length + ENTRY_BYTES;
    return tool;
  }
}

/** The server in the names that agents give to tools of MCP servers: `mcp__server__tool`. */
function serverOf(name: string): string | undefined {
  return /^mcp__(.+?)__./.exec(name)?.[1];
}

/** The tool's own name, without the server in front. */
function bareName(name: string): string {
  return name.replace(/^mcp__.+?__/, '');
}

/** True when the definition names another tool of the list: of another server, where servers are known. */
function refers(given: ToolDefinition, own: OfferedTool, others: ReadonlyMap<string, OfferedTool>): boolean {
  for (const match of `${given.description ?? ''}\n${given.parameters ?? ''}`.matchAll(NAME)) {
    const other = others.get(match[0].replace(/[.]+$/, ''));
    if (other === undefined || other.name === own.name) continue;
    if (own.server === undefined || own.server !== other.server) return true;
  }
  return false;
}

/** Cheap, and seldom the same for two lists. */
function sketchOf(given: readonly ToolDefinition[]): string {
  let length = 0;
  for (const { name, description, parameters } of given)
    length += name.length + (description?.length ?? 0) + (parameters?.length ?? 0);
  return `${given.length} ${length} ${given[0]?.name}`;
}

function sameTools(a: readonly ToolDefinition[], b: readonly ToolDefinition[]): boolean {
  return (
    a.length === b.length &&
    a.every((one, i) => {
      const other = b[i] as ToolDefinition;
      // Formats give the same object for the same tool.
      if (one === other) return true;
      return one.name === other.name && one.description === other.description && one.parameters === other.parameters;
    })
  );
}

function sizeOf(given: readonly ToolDefinition[]): number {
  let size = ENTRY_BYTES;
  for (const { name, description, parameters } of given)
    size += ENTRY_BYTES + 2 * (name.length + (description?.length ?? 0) + (parameters?.length ?? 0));
  return size;
}
