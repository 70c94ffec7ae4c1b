/** Alerts, incidents and responses in tables of the embedded database. */
import type { Alert, Incident } from '../../model/finding.ts';
import type { ResponseRecord } from '../../model/response.ts';
import type { Store } from '../../ports.ts';
import type { EmbeddedDatabase } from './database.ts';
import { migrate } from './migrations.ts';
import { storable } from './sql.ts';

// Bodies are text, not jsonb: JSON may hold escapes (NUL, half surrogates) that jsonb refuses.
const STEPS = [
  `CREATE TABLE nightjar.alert (
     id text, revision int, time bigint NOT NULL, detector text NOT NULL, severity text NOT NULL, entities text[] NOT NULL,
     body text NOT NULL, PRIMARY KEY (id, revision)
   );
   CREATE INDEX ON nightjar.alert (time DESC, id);
   CREATE TABLE nightjar.incident (id text PRIMARY KEY, version int NOT NULL, body text NOT NULL);
   CREATE TABLE nightjar.response (id text PRIMARY KEY, alert_id text NOT NULL, body text NOT NULL)`,
];

/**
 * The store of one process. `findAlerts` answers the newest revision of each alert; `entity` is an entity's id (`user-07`) or its
 * `dimension:id` (`principal:user-07`). Call `setup` first; `close` leaves the database open.
 */
export function embeddedStore({ pool }: Pick<EmbeddedDatabase, 'pool'>): Store {
  async function one<T>(text: string, params: unknown[]): Promise<T | undefined> {
    const { rows } = await pool.query<{ body: string }>(text, params);
    return rows[0] && (JSON.parse(rows[0].body) as T);
  }
  return {
    setup: () => migrate(pool, 'store', STEPS),

    async putAlert(alert) {
      await pool.query('INSERT INTO nightjar.alert VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING', [
        alert.id,
        alert.revision,
        Date.parse(alert['@timestamp']),
        alert.detector,
        alert.severity,
        entitiesOf(alert),
        JSON.stringify(alert),
      ]);
    },

    async putIncident(incident) {
      await pool.query(
        `INSERT INTO nightjar.incident AS kept VALUES ($1, $2, $3)
         ON CONFLICT (id) DO UPDATE SET version = excluded.version, body = excluded.body
         WHERE kept.version < excluded.version`,
        [incident.id, incident.version, JSON.stringify(incident)],
      );
    },

    async putResponse(record: ResponseRecord) {
      await pool.query(
        `INSERT INTO nightjar.response VALUES ($1, $2, $3)
         ON CONFLICT (id) DO UPDATE SET alert_id = excluded.alert_id, body = excluded.body`,
        [record.id, record.alert_id, JSON.stringify(record)],
      );
    },

    async findAlerts({ detector, severity, entity, limit = 100 }) {
      const { rows } = await pool.query<{ body: string }>(
        `SELECT body FROM nightjar.alert AS a
         WHERE revision = (SELECT max(revision) FROM nightjar.alert WHERE id = a.id)
           AND ($1::text IS NULL OR detector = $1) AND ($2::text IS NULL OR severity = $2)
           AND ($3::text IS NULL OR entities @> ARRAY[$3::text])
         ORDER BY time DESC, id LIMIT $4`,
        [detector ?? null, severity ?? null, entity === undefined ? null : storable(entity), limit],
      );
      return rows.map((row) => JSON.parse(row.body) as Alert);
    },

    getAlert: (id) =>
      one<Alert>('SELECT body FROM nightjar.alert WHERE id = $1 ORDER BY revision DESC LIMIT 1', [storable(id)]),

    getIncident: (id) => one<Incident>('SELECT body FROM nightjar.incident WHERE id = $1', [storable(id)]),

    async close() {},
  };
}

function entitiesOf(alert: Alert): string[] {
  return Object.entries(alert.entities).flatMap(([dimension, id]) =>
    id === null ? [] : [storable(id), `${dimension}:${storable(id)}`],
  );
}
