/** The files of an inventory: their form, and how each becomes something to look things up in. Faults name file, line and field. */
import { z } from 'zod';
import { checkYaml, readYamlFile, type YamlFile } from '../config/yaml-file.ts';
import { NightjarError } from '../errors.ts';
import { NETWORK_KINDS, PRINCIPAL_KINDS, type PrincipalKind } from '../model/event.ts';
import { parseRange, type Range } from './address.ts';
import { GeoTable, loadGeo } from './geo.ts';
import { NetworkTable } from './networks.ts';
import { ToolTable } from './tools.ts';

const MAX_ENTRIES = 50_000;

const name = z.string().min(1).max(256);
const list = <S extends z.ZodType>(entry: S) => z.array(entry).max(MAX_ENTRIES);

const date = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })], 'is no date, such as 2026-09-07 or 2026-09-07T12:00:00Z')
  .transform((text) => Date.parse(text));

const credentials = list(
  z.strictObject({
    id: name
      .refine((id) => !/^sk-/.test(id), 'is a key itself: write sha256: and the hex of its SHA-256')
      .refine((id) => !/^sha256:/i.test(id) || /^sha256:[0-9a-f]{64}$/i.test(id), 'sha256: needs 64 hex digits')
      .transform((id) => (/^sha256:/i.test(id) ? id.toLowerCase() : id))
      .describe('sha256: and hex of the key, or the id that the gateway logs for it, for example kong:<id>'),
    owner: name.optional(),
    created: date.optional(),
    expires: z.union([z.literal('never').transform(() => null), date], 'is neither a date nor never').optional(),
    scopes: z.array(name).max(1_000).optional(),
  }),
);

const tools = list(
  z.strictObject({
    tool: name.describe('name, or glob with * and ?'),
    server: name.optional().describe('name or glob; without it any server'),
    labels: z.array(z.enum(['source', 'read', 'sink', 'write', 'exec'])).min(1),
  }),
);

const networks = list(
  z.strictObject({
    cidr: z.string().transform((text, context): Range => {
      const range = parseRange(text);
      if (typeof range !== 'string') return range;
      context.addIssue({ code: 'custom', message: range });
      return z.NEVER;
    }),
    name,
    kind: z.enum(NETWORK_KINDS).optional(),
  }),
);

const principals = list(z.strictObject({ id: name, team: name.optional(), kind: z.enum(PRINCIPAL_KINDS).optional() }));

export type CredentialFacts = Omit<z.infer<typeof credentials>[number], 'id'>;
export interface PrincipalFacts {
  team?: string | undefined;
  kind?: PrincipalKind | undefined;
}

/** What the files say, ready to be looked up. */
export interface Inventory {
  credentials: Map<string, CredentialFacts>;
  tools: ToolTable;
  networks: NetworkTable;
  principals: Map<string, PrincipalFacts>;
  /** Country and place, and autonomous system; one file may serve for both. */
  geo: GeoTable;
  asn: GeoTable;
}

export type Part = keyof Inventory;
export const PARTS: readonly Part[] = ['credentials', 'tools', 'networks', 'principals', 'geo', 'asn'];

export interface LoadedPart<P extends Part = Part> {
  table: Inventory[P];
  /** What each entry says, by what it is about: to tell what changed between two versions of a file. */
  entries: Map<string, string>;
}

/** Nothing known. */
export function emptyInventory(): Inventory {
  return {
    credentials: new Map(),
    tools: new ToolTable([]),
    networks: new NetworkTable([]),
    principals: new Map(),
    geo: new GeoTable(),
    asn: new GeoTable(),
  };
}

/** @throws NightjarError NJ_CONFIG with one line per fault. */
export function loadPart<P extends Part>(part: P, file: string): LoadedPart<P> {
  const load: (file: string) => LoadedPart<P> = LOADERS[part];
  return load(file);
}

const LOADERS: { [P in Part]: (file: string) => LoadedPart<P> } = {
  credentials(file) {
    const read = readPart('credentials', file);
    const found = entriesOf(read, credentials);
    const entries = unique(read, found, ({ id }) => id, 'id');
    return { table: new Map(found.map(({ id, ...facts }) => [id, facts])), entries };
  },
  tools(file) {
    const read = readPart('tools', file);
    const found = entriesOf(read, tools);
    const entries = unique(read, found, ({ tool, server }) => (server ? `${tool} of ${server}` : tool), 'tool');
    return { table: new ToolTable(found.map((entry) => ({ ...entry, server: entry.server }))), entries };
  },
  networks(file) {
    const read = readPart('networks', file);
    const found = entriesOf(read, networks);
    const entries = unique(read, found, ({ cidr }) => rangeText(cidr), 'cidr');
    const table = new NetworkTable(found.map(({ cidr, name, kind }) => ({ range: cidr, network: { name, kind } })));
    return { table, entries };
  },
  principals(file) {
    const read = readPart('principals', file);
    const found = entriesOf(read, principals);
    const entries = unique(read, found, ({ id }) => id, 'id');
    return { table: new Map(found.map(({ id, ...facts }) => [id, facts])), entries };
  },
  geo: (file) => database('geo', file),
  asn: (file) => database('asn', file),
};

function readPart(part: Part, file: string): YamlFile {
  return readYamlFile(file, `the inventory of ${part}`, `correct inventory.${part}File`);
}

/** The one entry is the database itself: what changes is its build. */
function database(part: 'geo' | 'asn', file: string): { table: GeoTable; entries: Map<string, string> } {
  const { table, name } = loadGeo(`inventory.${part}File`, file);
  return { table, entries: new Map([['database', name]]) };
}

/** An empty file is an empty list. */
function entriesOf<S extends z.ZodType>(read: YamlFile, schema: S): z.infer<S> {
  return checkYaml({ ...read, value: read.value ?? [] }, schema);
}

/** The entries by what they are about; two about the same are a fault. */
function unique<T>(read: YamlFile, found: readonly T[], about: (entry: T) => string, field: string) {
  const entries = new Map<string, string>();
  const faults: string[] = [];
  for (const [index, entry] of found.entries()) {
    const key = about(entry);
    if (entries.has(key)) faults.push(read.fault([index, field], `${key} has an entry already`));
    else
      entries.set(
        key,
        JSON.stringify(entry, (_, value) => (typeof value === 'bigint' ? String(value) : value)),
      );
  }
  if (faults.length > 0) throw new NightjarError('NJ_CONFIG', faults.join('\n'));
  return entries;
}

function rangeText({ width, bits, prefix }: Range): string {
  if (width === 32) return `${[24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 255n).join('.')}/${prefix}`;
  const groups = bits.toString(16).padStart(32, '0').match(/.{4}/g) ?? [];
  return `${groups.map((group) => group.replace(/^0{1,3}/, '')).join(':')}/${prefix}`;
}
