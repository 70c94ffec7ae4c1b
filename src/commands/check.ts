/** `nightjar check`: every fault of a configuration, its playbooks and detectors, before anything is connected. */
import type { Command } from 'commander';
import { defaultConfig, loadConfig } from '../config/load.ts';
import { loadDetectors } from '../detect/registry.ts';
import { NightjarError } from '../errors.ts';
import { FORMAT_NAMES } from '../format/decode.ts';
import { DETECTORS } from '../replay.ts';
import { configuredPlaybooks } from '../respond/index.ts';

export function register(program: Command): void {
  program
    .command('check')
    .description('check a configuration, its playbooks and detectors; connects to nothing')
    .argument('[file]', 'configuration (YAML); without it the defaults')
    .option('--json', 'one JSON value on stdout')
    .addHelpText('after', '\nExit codes: 0 nothing wrong, 2 faults found.')
    .action(async (file: string | undefined, { json }: { json?: boolean }) => {
      const config = file ? loadConfig(file) : defaultConfig();
      for (const [index, { format }] of (config.source.kafka?.topics ?? []).entries()) {
        if (format !== 'auto' && !FORMAT_NAMES.includes(format))
          throw new NightjarError('NJ_CONFIG', `source.kafka.topics.${index}.format: there is no format ${format}`, {
            hint: `formats: auto, ${FORMAT_NAMES.join(', ')}`,
          });
      }
      const detectors = (await loadDetectors(DETECTORS, config.detect.detectors)).map(({ detector }) => detector.id);
      const playbooks = (await configuredPlaybooks(config)).map(({ id }) => id);
      if (json)
        process.stdout.write(`${JSON.stringify({ ok: true, mode: config.respond.mode, detectors, playbooks })}\n`);
      else
        process.stdout.write(
          `ok: mode ${config.respond.mode}; detectors ${detectors.join(', ')}; playbooks ${playbooks.join(', ') || 'none'}\n`,
        );
    });
}
