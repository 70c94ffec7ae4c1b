/** How a checkpoint is laid out in records: chunks of the body, then one manifest that names them and makes them valid at once. */
import { createHash } from 'node:crypto';
import type { Checkpoint } from '../ports.ts';

/** Half of what a broker takes by default. */
export const CHUNK_BYTES = 512 * 1024;

/** The chunks of one save. */
export interface Group {
  seq: string;
  chunks: number;
}

/** Value of the record with the shard as its key. */
export interface Manifest extends Group {
  kind: 'checkpoint';
  /** Offset of the first chunk, or of nothing when there are none. */
  first: number;
  positions: [string, number][];
  version: number;
  sha256: string;
  /** Chunks of earlier saves that this one makes useless. */
  garbage: Group[];
}

/** `shard/seq/i` */
export function chunkKey(shard: string, seq: string, index: number): string {
  return `${shard}/${seq}/${index}`;
}

/** All chunk keys of the groups. */
export function groupKeys(shard: string, groups: Group[]): string[] {
  return groups.flatMap(({ seq, chunks }) => Array.from({ length: chunks }, (_, i) => chunkKey(shard, seq, i)));
}

/** The body in parts of at most `CHUNK_BYTES`; views, not copies. */
export function split(body: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < body.length; at += CHUNK_BYTES) parts.push(body.subarray(at, at + CHUNK_BYTES));
  return parts;
}

export function sha256(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('hex');
}

/** Undefined when the bytes are no manifest. */
export function parseManifest(value: Buffer): Manifest | undefined {
  try {
    const manifest = JSON.parse(value.toString('utf8'));
    return manifest?.kind === 'checkpoint' && Array.isArray(manifest.positions) ? manifest : undefined;
  } catch {
    return undefined;
  }
}

/** The checkpoint, or undefined when a chunk is missing or the hash differs. */
export function assemble(shard: string, manifest: Manifest, chunks: Map<string, Buffer>): Checkpoint | undefined {
  const parts: Buffer[] = [];
  for (let i = 0; i < manifest.chunks; i++) {
    const part = chunks.get(chunkKey(shard, manifest.seq, i));
    if (!part) return undefined;
    parts.push(part);
  }
  const body = Buffer.concat(parts);
  if (sha256(body) !== manifest.sha256) return undefined;
  return { positions: new Map(manifest.positions), version: manifest.version, body };
}
