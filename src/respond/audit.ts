/** The audit log: append-only NDJSON in the data folder, each line chained to the one before by its hash. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { describeError, NightjarError } from '../errors.ts';

/** One thing that happened. Values are safe to keep: ids, reasons, never a prompt or a secret. */
export interface AuditEntry {
  /** Who did it: `playbook:<id>`, `nightjar`. */
  who: string;
  what: Record<string, string>;
  /** On what grounds: alert, incident, reason. */
  why: Record<string, string | null>;
}

const FIRST = '0'.repeat(64);
const LINE = /^(\{"seq":(\d+),.*,"prev":"([0-9a-f]{64})"),"hash":"([0-9a-f]{64})"\}$/;
const TAIL_BYTES = 1024 * 1024;

interface Link {
  seq: number;
  hash: string;
}

/**
 * Appends to one file, which one process owns (the lock of the data folder sees to that). A line is on disk (fsync) before `append`
 * resolves. The chain shows changes, insertions and deletions inside the file; a cut at its very end shows only against a copy kept
 * elsewhere.
 */
export class AuditLog {
  readonly #file: FileHandle;
  readonly #now: () => number;
  #head: Link;
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(file: FileHandle, head: Link, now: () => number) {
    this.#file = file;
    this.#head = head;
    this.#now = now;
  }

  /**
   * Opens or makes the file. A last line that a crash has torn is cut off, and an entry says so. A last line that is whole but does not
   * match its hash was changed by somebody: that is `NJ_INPUT`, since a chain must not go on from it.
   * @param now epoch milliseconds
   */
  static async open(path: string, now: () => number): Promise<AuditLog> {
    let file: FileHandle | undefined;
    try {
      file = await open(path, 'a+', 0o600);
      const { size } = await file.stat();
      const from = Math.max(0, size - TAIL_BYTES);
      const { buffer } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
      const end = buffer.lastIndexOf(0x0a) + 1;
      const start = end < 2 ? 0 : buffer.lastIndexOf(0x0a, end - 2) + 1;
      const head = end === 0 ? { seq: 0, hash: FIRST } : read(buffer.toString('utf8', start, end - 1));
      if (!head || (end === 0 && from > 0)) {
        throw new NightjarError('NJ_INPUT', `the last line of the audit log ${path} does not match its hash`, {
          hint: 'keep the file as evidence: move it away and start again',
        });
      }
      const log = new AuditLog(file, head, now);
      if (end < buffer.length) await log.#heal(from + end, buffer.subarray(end));
      return log;
    } catch (error) {
      await file?.close();
      if (error instanceof NightjarError) throw error;
      throw new NightjarError('NJ_INPUT', `the audit log ${path} cannot be opened: ${describeError(error)}`, {
        cause: error,
      });
    }
  }

  /** Resolves when the line is on disk. Entries keep the order of the calls. */
  append(entry: AuditEntry): Promise<void> {
    const done = this.#queue.then(() => this.#write(entry));
    this.#queue = done.catch(() => undefined);
    return done;
  }

  async close(): Promise<void> {
    await this.#queue;
    await this.#file.close();
  }

  async #write({ who, what, why }: AuditEntry): Promise<void> {
    const seq = this.#head.seq + 1;
    const fields = { seq, time: new Date(this.#now()).toISOString(), who, what, why, prev: this.#head.hash };
    // ASCII only, so that control and bidi characters of an attacker's id cannot play tricks on whoever reads the file.
    const body = JSON.stringify(fields)
      .slice(0, -1)
      .replace(/[\u007f-\uffff]/g, unicodeEscape);
    const hash = digest(body);
    const { size } = await this.#file.stat();
    try {
      await this.#file.appendFile(`${body},"hash":"${hash}"}\n`);
      await this.#file.sync();
    } catch (error) {
      // What a full disk took of the line must not stand in front of the next one.
      await this.#file.truncate(size).catch(() => undefined);
      throw error;
    }
    this.#head = { seq, hash };
  }

  async #heal(keep: number, torn: Buffer): Promise<void> {
    await this.#file.truncate(keep);
    await this.append({
      who: 'nightjar',
      what: {
        event: 'audit-healed',
        bytes: String(torn.length),
        sha256: createHash('sha256').update(torn).digest('hex'),
      },
      why: { reason: 'the last line was torn by a crash and has been cut off' },
    });
  }
}

export type AuditCheck = { ok: true; lines: number } | { ok: false; line: number; reason: string };

/** Reads the whole file and names the first line that breaks the chain (counted from 1). A torn last line counts as broken. */
export async function verifyAudit(path: string): Promise<AuditCheck> {
  let head: Link = { seq: 0, hash: FIRST };
  let line = 0;
  try {
    for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
      line++;
      const link = read(text);
      if (!link) return { ok: false, line, reason: 'the line does not match its hash' };
      if (link.prev !== head.hash) return { ok: false, line, reason: 'the line does not follow the one before it' };
      if (link.seq !== head.seq + 1) return { ok: false, line, reason: `number ${link.seq} follows ${head.seq}` };
      head = link;
    }
  } catch (error) {
    throw new NightjarError('NJ_INPUT', `the audit log ${path} cannot be read: ${describeError(error)}`, {
      cause: error,
    });
  }
  return { ok: true, lines: line };
}

function read(text: string): (Link & { prev: string }) | undefined {
  const [, body, seq, prev, hash] = LINE.exec(text) ?? [];
  if (!body || !prev || !hash || digest(body) !== hash) return undefined;
  return { seq: Number(seq), prev, hash };
}

function digest(body: string): string {
  return createHash('sha256').update(body).digest('hex');
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
