/** From kafkajs messages to raw records. */
import type { IHeaders, KafkaMessage } from 'kafkajs';
import type { RawRecord } from '../../ports.ts';
import { FAULT_HEADER } from './codecs.ts';

/** Messages at or behind `from`, and how many bytes they hold together. */
export function toRecords(messages: KafkaMessage[], from: number): { records: RawRecord[]; bytes: number } {
  const records: RawRecord[] = [];
  let bytes = 0;
  for (const message of messages) {
    const position = Number(message.offset);
    if (position < from) continue;
    bytes += (message.value?.length ?? 0) + (message.key?.length ?? 0) + RECORD_OVERHEAD;
    records.push(toRecord(message, position));
  }
  return { records, bytes };
}

/** About what a decoded record costs beside its value. */
const RECORD_OVERHEAD = 200;

function toRecord(message: KafkaMessage, position: number): RawRecord {
  const record: RawRecord = { value: message.value, position };
  const time = Number(message.timestamp);
  if (time >= 0) record.time = time;
  const headers = message.headers ? toText(message.headers) : undefined;
  if (headers) {
    const fault = headers[FAULT_HEADER];
    if (fault !== undefined) record.fault = fault;
    else record.headers = headers;
  }
  return record;
}

/** Values as text; of a repeated header the last one. Undefined when there are none. */
function toText(headers: IHeaders): Record<string, string> | undefined {
  let text: Record<string, string> | undefined;
  for (const [name, value] of Object.entries(headers)) {
    const last = Array.isArray(value) ? value.at(-1) : value;
    if (last === undefined || last === null) continue;
    text ??= Object.create(null) as Record<string, string>;
    text[name.toLowerCase()] = typeof last === 'string' ? last : Buffer.from(last).toString('utf8');
  }
  return text;
}
