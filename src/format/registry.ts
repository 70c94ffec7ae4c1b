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
import { debugText, fragment, otherLog, otherSpan } from './fragment.ts';
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

/** What a stream's `format` may be: `auto`, a format's id, or a family's name (`otlp`, `azure`, `litellm`, `cloudflare`). */
export const FORMAT_NAMES: readonly string[] = [
  ...new Set(['auto', ...FORMATS.flatMap((format) => (format.family ? [format.id, format.family] : [format.id]))]),
];

const chosen = new Map<string, Record<UnitKind, readonly Format[]>>();

/** Formats to try under this name, per kind of unit; undefined for a name that is none. */
export function formatsFor(name: string): Record<UnitKind, readonly Format[]> | undefined {
  const known = chosen.get(name);
  if (known !== undefined || !FORMAT_NAMES.includes(name)) return known;
  const named = FORMATS.filter((format) => name === 'auto' || format.id === name || format.family === name);
  // An export holds spans and logs of other libraries too: under any name they are no calls, not errors.
  const fit = [...new Set([...named, otherSpan, otherLog])];
  const of = (kind: UnitKind): Format[] => fit.filter((format) => format.kind === kind);
  const made = { json: of('json'), span: of('span'), log: of('log'), line: of('line') };
  chosen.set(name, made);
  return made;
}
