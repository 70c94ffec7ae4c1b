/** `nightjar canary`: the tokens to put into the places that the configuration names. */
import type { Command } from 'commander';
import { fingerprintKey } from '../config/keys.ts';
import { loadConfig } from '../config/load.ts';
import { canaryToken, weekOf } from '../scan/canary.ts';

interface Options {
  config: string;
  json?: boolean;
}

export function register(program: Command): void {
  program
    .command('canary')
    .description('print the canary token of each place in the configuration, to be put there and nowhere else')
    .requiredOption('-c, --config <file>', 'configuration with canaries')
    .option('--json', 'one JSON value on stdout')
    .addHelpText(
      'after',
      '\nA token is made of the fingerprint key, the tenant, the place and the week; it is known for a year. Exit codes: 0 done, 2 wrong config.',
    )
    .action(run);
}

function run({ config: file, json }: Options): void {
  const config = loadConfig(file);
  const key = fingerprintKey(config);
  const week = weekOf(Date.now());
  const tokens = Object.entries(config.canaries).map(([place, kind]) => ({
    place,
    kind,
    week,
    token: canaryToken(key, config.tenant, place, week),
  }));
  const lines = tokens.map(({ place, kind, token }) => `${place}\t${kind}\t${token}\n`).join('');
  process.stdout.write(json ? `${JSON.stringify(tokens)}\n` : lines || 'no canaries are configured\n');
}
