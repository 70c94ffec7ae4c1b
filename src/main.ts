#!/usr/bin/env node
/** The `nightjar` command: one file per subcommand in commands/. */
import { Command, CommanderError } from 'commander';
import { register as registerAudit } from './commands/audit.ts';
import { register as registerCanary } from './commands/canary.ts';
import { register as registerCheck } from './commands/check.ts';
import { register as registerCoverage } from './commands/coverage.ts';
import { register as registerDemo } from './commands/demo.ts';
import { register as registerEval } from './commands/eval.ts';
import { register as registerNewDetector } from './commands/new-detector.ts';
import { register as registerReplay } from './commands/replay.ts';
import { register as registerRun } from './commands/run.ts';
import { register as registerSimulate } from './commands/simulate.ts';
import { register as registerTrain } from './commands/train.ts';
import { describeError, NightjarError } from './errors.ts';
import { packageVersion } from './package.ts';

const program = new Command('nightjar')
  .description('Runtime detection and response for LLM call logs')
  .version(packageVersion())
  .exitOverride()
  .showHelpAfterError('(nightjar --help shows the commands)');

for (const register of [
  registerRun,
  registerReplay,
  registerDemo,
  registerSimulate,
  registerEval,
  registerTrain,
  registerCheck,
  registerCoverage,
  registerNewDetector,
  registerCanary,
  registerAudit,
])
  register(program);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
  if (!(error instanceof CommanderError)) process.stderr.write(`nightjar: ${describeError(error)}\n`);
  // Half-open connections must not keep a failed command alive.
  if (process.exitCode !== 0) process.exit();
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  return error instanceof NightjarError ? error.exitCode : 1;
}
