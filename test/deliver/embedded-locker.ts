/** Tries to lock each folder it is sent, says how that went, and keeps what it got until it is killed. */
import { createInterface } from 'node:readline';
import { lockFolder } from '../../src/deliver/embedded/folder-lock.ts';

for await (const folder of createInterface({ input: process.stdin })) {
  const answer = await lockFolder(folder).then(
    () => 'won',
    (error) => error.code,
  );
  console.log(answer);
}
