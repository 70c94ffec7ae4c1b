/** Every wire format, the more specific ones first: `auto` takes the first that recognises a unit. */
import { accessLog } from './access-log.ts';
import { anthropic } from './anthropic.ts';
import { apisix } from './apisix.ts';
import { azureApim } from './azure-apim.ts';
import { azureOpenai } from './azure-openai.ts';
import { bedrock } from './bedrock.ts';
import { cloudflare, cloudflarePortal } from './cloudflare.ts';
import { contextforge, contextforgeSpan } from './contextforge.ts';
import type { Format, UnitKind } from './contract.ts';
import { dockerMcp } from './docker-mcp.ts';
import { envoy } from './envoy.ts';
import { debugText, fragment, otherAzure, otherLog, otherSpan } from './fragment.ts';
import { genai, genaiLog } from './genai.ts';
import { helicone } from './helicone.ts';
import { kong } from './kong.ts';
import { langfuse } from './langfuse.ts';
import { litellm } from './litellm.ts';
import { litellmAudit } from './litellm-audit.ts';
import { mcp } from './mcp.ts';
import { openai } from './openai.ts';
import { openinference } from './openinference.ts';
import { openllmetry } from './openllmetry.ts';
import { portkey } from './portkey.ts';

export const FORMATS: readonly Format[] = [
  litellm,
  bedrock,
  azureApim,
  azureOpenai,
  otherAzure,
  mcp,
  kong,
  apisix,
  envoy,
  langfuse,
  helicone,
  portkey,
  cloudflare,
  cloudflarePortal,
  litellmAudit,
  contextforge,
  anthropic,
  openai,
  fragment,
  openinference,
  openllmetry,
  genai,
  contextforgeSpan,
  dockerMcp,
  otherSpan,
  genaiLog,
  otherLog,
  accessLog,
  debugText,
];

/** Shapes that are known to be no calls, whatever format a stream is said to have. */
const NOT_CALLS: ReadonlySet<Format> = new Set([fragment, otherAzure, otherSpan, otherLog, debugText]);

/** What a stream's `format` may be: `auto`, a format's id, or a family's name (`otlp`, `azure`, `litellm`, `cloudflare`). */
export const FORMAT_NAMES: readonly string[] = [
  ...new Set([
    'auto',
    ...FORMATS.filter((format) => !NOT_CALLS.has(format)).flatMap(({ id, family }) => (family ? [id, family] : [id])),
  ]),
];

const NO_FORMATS: readonly Format[] = [];
/** Per list of a house's own formats, what each name selects. */
const chosen = new WeakMap<readonly Format[], Map<string, Record<UnitKind, readonly Format[]>>>();

/**
 * Formats to try under this name, per kind of unit; undefined for a name that is none.
 * @param own formats of the configuration, taken before the built-in ones; give the same list every time
 */
export function formatsFor(name: string, own = NO_FORMATS): Record<UnitKind, readonly Format[]> | undefined {
  let byName = chosen.get(own);
  if (byName === undefined) {
    byName = new Map();
    chosen.set(own, byName);
  }
  const known = byName.get(name);
  if (known !== undefined || !(FORMAT_NAMES.includes(name) || own.some(({ id }) => id === name))) return known;
  const fit = [...own, ...FORMATS].filter(
    (format) => name === 'auto' || format.id === name || format.family === name || NOT_CALLS.has(format),
  );
  const of = (kind: UnitKind): Format[] => fit.filter((format) => format.kind === kind);
  const made = { json: of('json'), span: of('span'), log: of('log'), line: of('line') };
  byName.set(name, made);
  return made;
}
