/** `nightjar audit`: what responses did, and whether the record of it is whole. */
import { join } from 'node:path';
import type { Command } from 'commander';
import { defaultConfig, loadConfig } from '../config/load.ts';
import { verifyAudit } from '../respond/audit.ts';
import { AUDIT_FILE } from '../respond/index.ts';

interface Options {
  config?: string;
  json?: boolean;
}

/** Exit code for a chain that is broken: what was asked was found wanting. */
const BROKEN = 3;

export function register(program: Command): void {
  program
    .command('audit')
    .description('the audit of responses')
    .command('verify [file]')
    .description('check that no line of the audit was changed, inserted or taken out')
    .option('-c, --config <file>', 'configuration whose data folder holds the audit')
    .option('--json', 'one JSON value on stdout')
    .addHelpText(
      'after',
      '\nA cut at the very end shows only against a copy kept elsewhere: compare the number of lines.\n' +
        'Exit codes: 0 whole, 2 there is no such file, 3 broken.',
    )
    .action(verify);
}

async function verify(file: string | undefined, { config: from, json }: Options): Promise<void> {
  const path = file ?? join((from === undefined ? defaultConfig() : loadConfig(from)).data, AUDIT_FILE);
  const check = await verifyAudit(path);
  if (!check.ok) process.exitCode = BROKEN;
  if (json) process.stdout.write(`${JSON.stringify({ file: path, ...check })}\n`);
  else
    process.stdout.write(
      check.ok ? `${path}: whole, ${check.lines} lines\n` : `${path}: broken at line ${check.line}: ${check.reason}\n`,
    );
}
