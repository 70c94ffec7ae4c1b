/** A reader of protobuf messages by a field table, to the same values that their JSON form has; bounded in depth and number of nodes. */
import { isUtf8 } from 'node:buffer';
import { type Budget, MAX_DEPTH, MAX_NODES, reject } from './parse.ts';
import { newFields } from './read.ts';

type Scalar = 'string' | 'bytes' | 'hex' | 'bool' | 'int' | 'enum' | 'double' | 'fixed64';

/** Field number to name and type; a type that is a table is a message. `list` for repeated fields. */
export interface Message {
  readonly [field: number]: { readonly name: string; readonly type: Scalar | (() => Message); readonly list?: true };
}

/** The message in `bytes`, or NJ_RECORD. Unknown fields are skipped. */
export function readMessage(bytes: Buffer, message: Message, budget: Budget): Record<string, unknown> {
  return new Reader(bytes, budget).message(message, bytes.length, 1);
}

class Reader {
  private readonly bytes: Buffer;
  private readonly budget: Budget;
  private at = 0;

  constructor(bytes: Buffer, budget: Budget) {
    this.bytes = bytes;
    this.budget = budget;
  }

  message(table: Message, end: number, depth: number): Record<string, unknown> {
    // Each level of a protobuf value is two of its JSON form.
    if (depth > MAX_DEPTH * 2) reject(`record is deeper than ${MAX_DEPTH} levels`);
    const value = newFields();
    while (this.at < end) {
      if (--this.budget.nodes < 0) reject(`record has more than ${MAX_NODES} nodes`);
      const tag = this.varint();
      const field = table[Math.floor(tag / 8)];
      const wire = tag & 7;
      if (field === undefined || !fits(field.type, wire)) {
        this.skip(wire, end);
        continue;
      }
      const item = this.value(field.type, end, depth);
      if (field.list === undefined) value[field.name] = item;
      else if (Array.isArray(value[field.name])) (value[field.name] as unknown[]).push(item);
      else value[field.name] = [item];
    }
    if (this.at !== end) cutOff();
    return value;
  }

  private value(type: Scalar | (() => Message), end: number, depth: number): unknown {
    if (typeof type === 'function') {
      const stop = this.length(end);
      return this.message(type(), stop, depth + 1);
    }
    if (type === 'int') return this.signed();
    if (type === 'enum') return this.varint();
    if (type === 'bool') return this.varint() !== 0;
    if (type === 'double' || type === 'fixed64') {
      const start = this.move(8, end);
      return type === 'double' ? this.bytes.readDoubleLE(start) : this.bytes.readBigUInt64LE(start).toString();
    }
    const stop = this.length(end);
    const piece = this.bytes.subarray(this.at, stop);
    this.at = stop;
    if (type === 'hex') return piece.toString('hex');
    if (type === 'bytes') return piece.toString('base64');
    if (!isUtf8(piece)) reject('record is not UTF-8');
    return piece.toString('utf8');
  }

  /** End of a length-delimited field that starts here. */
  private length(end: number): number {
    const stop = this.varint() + this.at;
    return stop <= end ? stop : cutOff();
  }

  private move(by: number, end: number): number {
    const start = this.at;
    this.at += by;
    return this.at <= end ? start : cutOff();
  }

  /** Low 53 bits are exact; more are only seen in values that are skipped or rejected. */
  private varint(): number {
    let value = 0;
    for (let scale = 1, i = 0; i < 10; i++, scale *= 128) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) cutOff();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    return cutOff();
  }

  /** A 64-bit integer as decimal text, as its JSON form has it. */
  private signed(): string {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) cutOff();
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return BigInt.asIntN(64, value).toString();
    }
    return cutOff();
  }

  private skip(wire: number, end: number): void {
    if (wire === 0) this.signed();
    else if (wire === 1) this.move(8, end);
    else if (wire === 2) this.at = this.length(end);
    else if (wire === 5) this.move(4, end);
    else cutOff();
  }
}

function fits(type: Scalar | (() => Message), wire: number): boolean {
  if (type === 'int' || type === 'enum' || type === 'bool') return wire === 0;
  return type === 'double' || type === 'fixed64' ? wire === 1 : wire === 2;
}

function cutOff(): never {
  reject('record is not a whole protobuf message');
}
