/** `npm run services`: starts the servers, prints their addresses as shell exports, and stays up until it is told to end. */
import { setTimeout as sleep } from 'node:timers/promises';
import { startServices } from './all.ts';
import { onEnd } from './ending.ts';

const say = (line: string) => process.stderr.write(`services: ${line}\n`);

const { services, started } = startServices(say);
let ending = false;
onEnd(async () => {
  ending = true;
  say('stopping');
  await services.stop();
  process.exit(0);
});

await started;
for (const [name, reason] of Object.entries(services.missing)) say(`${name}: NOT STARTED, ${reason}`);
if (Object.keys(services.environment).length === 0) process.exit(1);
for (const [name, value] of Object.entries(services.environment)) console.log(`export ${name}=${value}`);
say(`up; Ctrl-C or a SIGTERM to ${process.pid} stops them`);

const reported = new Set<string>();
while (!ending) {
  await sleep(2000);
  for (const name of ending ? [] : services.dead().filter((name) => !reported.has(name))) {
    reported.add(name);
    say(`${name} has ended unexpectedly`);
  }
}
