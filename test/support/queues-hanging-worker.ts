/** Takes a job of `responses`, says so, and never finishes it: to be killed by the test that started it. */
import { openPostgresQueues } from '../../src/deliver/queues/postgres.ts';
import { openRedisQueues } from '../../src/deliver/queues/redis.ts';

const [kind, options] = process.argv.slice(2) as [string, string];
const queues = await (kind === 'redis' ? openRedisQueues : openPostgresQueues)(JSON.parse(options));
await queues.work('responses', (job) => {
  console.log(job.id);
  return new Promise(() => {});
});
