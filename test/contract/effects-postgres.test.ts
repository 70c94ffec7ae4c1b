/** The port Effects on PostgreSQL. */
import { randomUUID } from 'node:crypto';
import { openPostgresEffects } from '../../src/deliver/effects/postgres.ts';
import { need } from '../services/index.ts';
import { effectsSuite } from './effects.ts';

effectsSuite('PostgreSQL', async (t) => {
  const servers = need(t, 'postgres');
  if (!servers) return undefined;
  const prefix = `test-${randomUUID()}`;
  return { open: () => openPostgresEffects({ url: servers.postgres, prefix, warn() {} }) };
});
