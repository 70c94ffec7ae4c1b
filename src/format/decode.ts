/** Bytes of one record to Events: the entry of `format`. Pure; what cannot be read is an error with a reason, never a crash. */
import { NightjarError } from '../errors.ts';
import type { ClientRule, Context, Decoded, Format, UnitKind } from './contract.ts';
import { isOtlpProto, readOtlpProto } from './otlp-proto.ts';
import { type Budget, checkSize, newBudget, reject, textOf } from './parse.ts';
import { formatsFor } from './registry.ts';
import { type Part, type Unit, unitsOf, unwrap } from './units.ts';

export type { Decoded } from './contract.ts';
export { FORMAT_NAMES } from './registry.ts';

export interface DecodeOptions {
  /** A format's id or family, or `auto` to choose by what each unit looks like. */
  format: string;
  tenant: string;
  /** The carrier's own time, epoch milliseconds: used for what has no time of its own. */
  time?: number;
  /** Headers of the carrier, names in lower case. */
  headers?: Readonly<Record<string, string>>;
  /** How far lists of proxies are believed; default not at all. */
  client?: ClientRule;
  /** Formats of the configuration; the same list for every record. */
  own?: readonly Format[];
}

const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze({});

/**
 * Decodes one record, which may hold many calls: a JSON object, an array, NDJSON, an envelope, an OTLP export (JSON or protobuf), lines
 * of an access log.
 *
 * Throws NJ_RECORD when the record as a whole cannot be read (not UTF-8, not JSON, over 5 MB, deeper than 64 levels, more than 200,000
 * nodes, a `__proto__` key) and when it holds a single call that cannot be read. Where it holds several, a bad one is an entry of
 * `errors` and the others are Events. Throws NJ_CONFIG for a format that does not exist.
 * @example decode(record.value, { format: 'auto', tenant: 'default', time: record.time }).events
 */
export function decode(value: Uint8Array, options: DecodeOptions): Decoded {
  const formats = formatsFor(options.format, options.own);
  if (formats === undefined) {
    throw new NightjarError('NJ_CONFIG', `unknown format ${options.format}`, {
      hint: 'nightjar check lists the formats',
    });
  }
  const context: Context = {
    tenant: options.tenant,
    time: options.time,
    headers: options.headers ?? NO_HEADERS,
    ...(options.client === undefined ? {} : { client: options.client }),
    budget: newBudget(),
  };
  const decoded: Decoded = { events: [], notCalls: 0, errors: [] };
  let index = 0;
  try {
    for (const part of partsOf(value, context.budget)) {
      if ('fault' in part) decoded.errors.push({ index, reason: part.fault });
      else readUnit(part, index, formats, context, decoded);
      index++;
    }
  } catch (error) {
    reject(reasonOf(error, 'record'));
  }
  if (index === 1 && decoded.errors.length === 1) reject(decoded.errors[0]?.reason ?? 'record cannot be read');
  return decoded;
}

/** The reason of a refusal. Anything else thrown is a fault of ours: it must not stop the reader, nor quote the record. */
function reasonOf(error: unknown, what: string): string {
  return error instanceof NightjarError ? error.message : `${what} could not be read: ${(error as Error)?.name}`;
}

function partsOf(value: Uint8Array, budget: Budget): Part[] {
  const bytes = Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  checkSize(bytes);
  if (!isOtlpProto(bytes)) return unitsOf(textOf(bytes), budget);
  const parts: Part[] = [];
  unwrap(readOtlpProto(bytes, budget), budget, parts);
  return parts;
}

function readUnit(
  unit: Unit,
  index: number,
  formats: Record<UnitKind, readonly Format[]>,
  context: Context,
  into: Decoded,
): void {
  const format = formatOf(unit, formats);
  if (format === undefined) {
    into.errors.push({ index, reason: unit.kind === 'line' ? 'line of an unknown log' : 'shape of no known format' });
    return;
  }
  try {
    const events = format.toEvents(unit.value, context);
    if (events.length === 0) into.notCalls++;
    for (const event of events) into.events.push(event);
  } catch (error) {
    into.errors.push({ index, reason: reasonOf(error, format.id) });
  }
}

function formatOf(unit: Unit, formats: Record<UnitKind, readonly Format[]>): Format | undefined {
  for (const format of formats[unit.kind]) if (format.recognise(unit.value)) return format;
  return undefined;
}
