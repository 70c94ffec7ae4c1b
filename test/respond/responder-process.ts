/** A process that runs one response job on the embedded ledger and ends: something for a test to kill. Prints the record as JSON. */
import { writeFileSync } from 'node:fs';
import { openSqlEffects } from '../../src/deliver/effects/sql.ts';
import { openDatabase } from '../../src/deliver/embedded/database.ts';
import type { ResponseRecord } from '../../src/model/response.ts';
import { openResponse } from '../../src/respond/index.ts';
import { responseJobs } from '../../src/respond/playbook.ts';
import { makeAlert } from './helpers.ts';

const [data, playbooks, url] = process.argv.slice(2) as [string, string, string];
const database = await openDatabase(data);
const effects = await openSqlEffects(database.pool, { prefix: 'test' });
const records: ResponseRecord[] = [];
const response = await openResponse({
  config: {
    data,
    respond: { mode: 'enforce', playbooks, neverTouch: [], maxTargetsPerHour: 10, litellm: { url, keyFile: 'unused' } },
  },
  effects,
  store: {
    async putResponse(record) {
      records.push(record);
    },
  },
  secret: async () => 'sk-admin',
});
for (const job of responseJobs(response.playbooks, makeAlert())) await response.responder.handle(job);
await response.close();
await effects.close();
await database.close();
writeFileSync(1, JSON.stringify(records[0]));
