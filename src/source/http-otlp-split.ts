/**
 * A large OTLP export as several of about 1 MB, cut between spans or log records: exporters send hundreds of calls at once, each with its
 * whole conversation, and a record has limits.
 */

/** An export request and how many spans or log records it holds; `leaves` is 0 where nobody had to count. */
export interface ExportPart {
  value: Uint8Array;
  leaves: number;
}

/** Up to this size an export stays whole. */
const PART_BYTES = 1024 * 1024;

/** What a split may add by repeating resources and scopes, as a factor of the body. */
const MAX_GROWTH = 2;

type Json = Record<string, unknown>;

/** An entry of an export with some of its leaves. */
interface Piece<T> {
  entry: T;
  bytes: number;
  leaves: number;
}

/** @param names of the entries, the groups in an entry and the leaves in a group: `resourceSpans`, `scopeSpans`, `spans` */
export function splitJson(
  body: Buffer,
  request: Json,
  names: { root: string; groups: string; leaves: string },
): ExportPart[] {
  const textOf = (value: unknown) => JSON.stringify(value);
  return split(
    body,
    function* () {
      for (const entry of listOf(request[names.root])) {
        const groups = entry[names.groups];
        if (!Array.isArray(groups)) {
          yield { entry: textOf(entry), bytes: Buffer.byteLength(textOf(entry)), leaves: 0 };
          continue;
        }
        for (const group of listOf(groups)) {
          const leaves = listOf(group[names.leaves]).map((leaf) => ({ leaf, bytes: Buffer.byteLength(textOf(leaf)) }));
          for (const run of runs(leaves)) {
            const some = { ...group, [names.leaves]: run.map(({ leaf }) => leaf) };
            const text = textOf({ ...entry, [names.groups]: [some] });
            yield { entry: text, bytes: Buffer.byteLength(text), leaves: run.length };
          }
        }
      }
    },
    (entries) => Buffer.from(`{"${names.root}":[${entries.join(',')}]}`),
  );
}

function listOf(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'object' && item !== null) : [];
}

/** Entries, groups and leaves are fields 1, 2 and 2 of what they are in. */
export function splitProtobuf(body: Buffer): ExportPart[] {
  return split(
    body,
    function* () {
      for (const { tag, content } of fieldsOf(body)) {
        if (tag !== ENTRY) throw new Unframed();
        const inEntry = fieldsOf(content);
        for (const group of inEntry.filter(isRepeated)) {
          const inGroup = fieldsOf(group.content);
          const leaves = inGroup.filter(isRepeated).map(({ whole }) => ({ leaf: whole, bytes: whole.length }));
          for (const run of runs(leaves)) {
            const some = message(2, [...others(inGroup), ...run.map(({ leaf }) => leaf)]);
            const entry = message(1, [...others(inEntry), some]);
            yield { entry, bytes: entry.length, leaves: run.length };
          }
        }
      }
    },
    Buffer.concat,
  );
}

/** The body as it is when it is small, when it cannot be split, or when that would make much more of it. */
function split<T>(body: Buffer, cut: () => Generator<Piece<T>>, join: (entries: T[]) => Buffer): ExportPart[] {
  const whole = [{ value: body, leaves: 0 }];
  if (body.length <= PART_BYTES) return whole;
  const pieces: Piece<T>[] = [];
  let bytes = 0;
  try {
    for (const piece of cut()) {
      pieces.push(piece);
      bytes += piece.bytes;
      if (bytes > MAX_GROWTH * body.length) return whole;
    }
  } catch (error) {
    // A RangeError: JSON too deep to be written again.
    if (error instanceof Unframed || error instanceof RangeError) return whole;
    throw error;
  }
  const parts = [...runs(pieces)].map((run) => ({
    value: join(run.map(({ entry }) => entry)),
    leaves: run.reduce((sum, { leaves }) => sum + leaves, 0),
  }));
  return parts.length === 0 ? whole : parts;
}

/** Runs of items of about the size of a part, at least one in each. */
function* runs<T extends { bytes: number }>(items: T[]): Generator<T[]> {
  let run: T[] = [];
  let size = 0;
  for (const item of items) {
    if (run.length > 0 && size + item.bytes > PART_BYTES) {
      yield run;
      run = [];
      size = 0;
    }
    run.push(item);
    size += item.bytes;
  }
  if (run.length > 0) yield run;
}

class Unframed extends Error {}

interface Field {
  /** Number and wire type as written. */
  tag: number;
  whole: Buffer;
  content: Buffer;
}

const ENTRY = 1 * 8 + 2;
const isRepeated = ({ tag }: Field): boolean => tag === 2 * 8 + 2;
const others = (fields: Field[]): Buffer[] => fields.filter((field) => !isRepeated(field)).map(({ whole }) => whole);

/** Fields of a message that holds only length-delimited ones, as entries and groups do. */
function fieldsOf(bytes: Buffer): Field[] {
  const fields: Field[] = [];
  for (let at = 0; at < bytes.length; ) {
    const [tag, sizeAt] = varint(bytes, at);
    const [size, start] = varint(bytes, sizeAt);
    const end = start + size;
    if (tag % 8 !== 2 || end > bytes.length) throw new Unframed();
    fields.push({ tag, whole: bytes.subarray(at, end), content: bytes.subarray(start, end) });
    at = end;
  }
  return fields;
}

function varint(bytes: Buffer, from: number): [value: number, end: number] {
  let value = 0;
  for (let at = from, scale = 1; at < from + 5; scale *= 128) {
    const byte = bytes[at++];
    if (byte === undefined) break;
    value += (byte & 127) * scale;
    if (byte < 128) return [value, at];
  }
  throw new Unframed();
}

function message(field: number, content: Buffer[]): Buffer {
  const head = [field * 8 + 2];
  let left = content.reduce((sum, { length }) => sum + length, 0);
  for (; left >= 128; left = Math.floor(left / 128)) head.push((left % 128) + 128);
  head.push(left);
  return Buffer.concat([Buffer.from(head), ...content]);
}
