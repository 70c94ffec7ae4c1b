/**
 * Runs the test files: `tsx test/run.ts [unit|integration] [--only TEXT | TEXT]…`. Without a kind it runs both in one go.
 * Integration tests get real servers, started once; unit tests need none. TEXT keeps the files whose path contains it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { constants } from 'node:os';
import { join, relative } from 'node:path';
import { type Services, startServices } from './services/all.ts';
import { onEnd } from './services/ending.ts';

const root = join(import.meta.dirname, '..');
const withServers = ['test/contract/', 'test/integration/'];
const runElsewhere = ['test/fault/', 'test/browser/', 'test/bench/'];
const kinds = ['unit', 'integration', 'all'];

const say = (line: string) => process.stderr.write(`tests: ${line}\n`);

function fail(message: string): never {
  say(message);
  process.exit(2);
}

function testFiles(kind: string, filters: string[]): string[] {
  const startsWith = (file: string, folders: string[]) => folders.some((folder) => file.startsWith(folder));
  return readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .map((file) => relative(root, join(root, 'test', file)))
    .filter((file) => file.endsWith('.test.ts') && !startsWith(file, runElsewhere))
    .filter((file) => kind === 'all' || startsWith(file, withServers) === (kind === 'integration'))
    .filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)))
    .sort();
}

const [first, ...others] = process.argv.slice(2);
const kind = first && kinds.includes(first) ? first : 'all';
const filters = (kind === first ? others : process.argv.slice(2)).filter((argument) => argument !== '--only');
const unknown = filters.find((argument) => argument.startsWith('-'));
if (unknown) fail(`unknown option ${unknown}; usage: test/run.ts [unit|integration|all] [--only TEXT | TEXT]…`);
const files = testFiles(kind, filters);
if (files.length === 0) fail(`no ${kind} test file${filters.length > 0 ? ` matches ${filters.join(', ')}` : ' found'}`);

let services: Services | undefined;
let tests: ChildProcess | undefined;
onEnd(async (signal) => {
  tests?.kill(signal);
  await services?.stop();
  process.exit(128 + constants.signals[signal]);
});

if (files.some((file) => withServers.some((folder) => file.startsWith(folder)))) {
  const starting = startServices(say);
  services = starting.services;
  await starting.started;
  const missing = Object.entries(services.missing);
  for (const [name, reason] of missing) say(`!!! WITHOUT ${name.toUpperCase()}, its tests are skipped: ${reason}`);
  if (missing.length > 0 && process.env.REQUIRE_SERVICES === '1') {
    await services.stop();
    say(`REQUIRE_SERVICES=1 forbids to run without ${missing.map(([name]) => name).join(', ')}`);
    process.exit(1);
  }
}

tests = spawn(
  process.execPath,
  ['--import', 'tsx', '--test', '--test-reporter=spec', '--test-concurrency=2', ...files],
  { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...services?.environment } },
);
const [code] = (await once(tests, 'exit')) as [number | null];
await services?.stop();
process.exit(code ?? 1);
