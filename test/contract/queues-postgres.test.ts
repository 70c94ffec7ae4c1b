/** The port Queues on PostgreSQL. */
import { randomUUID } from 'node:crypto';
import { openPostgresQueues } from '../../src/deliver/queues/postgres.ts';
import { need } from '../services/index.ts';
import { queuesSuite } from './queues.ts';

queuesSuite('PostgreSQL', async (t) => {
  const servers = need(t, 'postgres');
  if (!servers) return undefined;
  const prefix = `test-${randomUUID()}`;
  return { open: () => openPostgresQueues({ url: servers.postgres, prefix, warn() {} }) };
});
