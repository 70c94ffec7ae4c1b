/** What our SQL needs of a database: met by a `pg.Pool` and by the embedded database alike. */

export interface SqlResult<Row> {
  rows: Row[];
}

export interface SqlSession {
  query<Row = Record<string, unknown>>(text: string, params?: unknown[]): Promise<SqlResult<Row>>;
}

export interface SqlClient extends SqlSession {
  /** Gives the session back; true when it must not be used again. */
  release(destroy?: boolean): void;
}

export interface SqlPool extends SqlSession {
  connect(): Promise<SqlClient>;
}

/** Runs `work` in one transaction: all of it happens, or none. */
export async function transaction<T>(pool: SqlPool, work: (session: SqlSession) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken = false;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {
      broken = true;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

/** Text as PostgreSQL can keep it: no NUL, no half surrogate. Both may come from a hostile log. */
export function storable(text: string): string {
  return text.replaceAll('\0', '\ufffd').toWellFormed();
}
