/** PGlite in the shape of a `pg.Pool`: what BullMQ and our own SQL ask of PostgreSQL, over PGlite's single connection. */
import { EventEmitter } from 'node:events';
import type { PGliteInterface, Transaction } from '@electric-sql/pglite';
import type { SqlClient, SqlPool, SqlResult } from './sql.ts';

/** First words of a statement, behind comments. */
const WORDS = /^(?:\s|--[^\n]*\n)*(\w+)\s*(\w+)?/;

async function run<Row>(
  target: Pick<PGliteInterface, 'query' | 'exec'>,
  text: string,
  params?: readonly unknown[],
): Promise<SqlResult<Row> & { rowCount: number }> {
  // Only the simple protocol takes several statements; like pg, the last one answers.
  const result = params ? await target.query(text, [...params]) : (await target.exec(text)).at(-1);
  const rows = (result?.rows ?? []) as Row[];
  return { rows, rowCount: result?.affectedRows || rows.length };
}

/** A pool whose clients share one connection. A client's transaction shuts the others out until it ends. */
export class PglitePool extends EventEmitter implements SqlPool {
  readonly #db: PGliteInterface;

  constructor(db: PGliteInterface) {
    super();
    this.#db = db;
    this.setMaxListeners(0);
  }

  query<Row>(text: string, params?: readonly unknown[]): Promise<SqlResult<Row>> {
    return run<Row>(this.#db, text, params);
  }

  async connect(): Promise<PgliteClient> {
    return new PgliteClient(this.#db);
  }

  /** The database belongs to whoever opened it. */
  async end(): Promise<void> {}
}

export class PgliteClient extends EventEmitter implements SqlClient {
  readonly #db: PGliteInterface;
  readonly #unlisten: (() => Promise<void>)[] = [];
  #open: { tx: Transaction; end(commit: boolean): Promise<void> } | undefined;

  constructor(db: PGliteInterface) {
    super();
    this.#db = db;
    this.setMaxListeners(0);
  }

  async query<Row>(text: string, params?: readonly unknown[]): Promise<SqlResult<Row>> {
    const [, verb, object] = WORDS.exec(text) ?? [];
    switch (verb?.toUpperCase()) {
      case 'BEGIN':
        await this.#begin();
        return { rows: [] };
      case 'COMMIT':
      case 'ROLLBACK':
        await this.#open?.end(verb?.toUpperCase() === 'COMMIT');
        return { rows: [] };
      case 'LISTEN':
        await this.#listen(object as string);
        return { rows: [] };
      default:
        return run<Row>(this.#open?.tx ?? this.#db, text, params);
    }
  }

  release(): void {
    const closing = [this.#open?.end(false), ...this.#unlisten.splice(0).map((stop) => stop())];
    // A database that closed meanwhile has ended both already.
    Promise.all(closing).catch(() => {});
  }

  async #listen(channel: string): Promise<void> {
    const stop = await this.#db.listen(channel, (payload) => this.emit('notification', { channel, payload }));
    this.#unlisten.push(() => stop());
  }

  /** PGlite's own transaction holds the connection, so BEGIN opens one that COMMIT or ROLLBACK lets end. */
  #begin(): Promise<void> {
    return new Promise((begun, failed) => {
      let decide!: (commit: boolean) => void;
      const decision = new Promise<boolean>((resolve) => {
        decide = resolve;
      });
      const ended = this.#db.transaction(async (tx) => {
        this.#open = {
          tx,
          end: (commit) => {
            this.#open = undefined;
            decide(commit);
            return ended;
          },
        };
        begun();
        if (!(await decision)) await tx.rollback();
      });
      ended.catch(failed);
    });
  }
}
