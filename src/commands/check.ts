/** `nightjar check`: every fault of a configuration and of what it names, before anything is connected. */
import type { Command } from 'commander';
import { defaultConfig, loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { loadDetectors } from '../detect/registry.ts';
import { loadInventory } from '../enrich/inventory.ts';
import { clientRule } from '../enrich/proxies.ts';
import { NightjarError } from '../errors.ts';
import { customFormats } from '../format/custom.ts';
import { FORMAT_NAMES } from '../format/decode.ts';
import { DETECTORS } from '../replay.ts';
import { configuredPlaybooks } from '../respond/index.ts';
import { showSample } from './sample.ts';

interface Options {
  json?: boolean;
  sample?: string;
  format?: string;
  showText?: boolean;
}

export function register(program: Command): void {
  program
    .command('check')
    .description('check a configuration, its formats, inventory, playbooks and detectors; connects to nothing')
    .argument('[file]', 'configuration (YAML); without it the defaults')
    .option('--sample <file>', 'show what the records of a log file are read as, and what they lack')
    .option('-f, --format <id>', 'with --sample: format of the records, or auto to choose per record')
    .option('--show-text', 'with --sample: show texts whole, not shortened and masked')
    .option('--json', 'one JSON value on stdout')
    .addHelpText('after', '\nExit codes: 0 nothing wrong, 2 faults found, 3 no record of the sample could be read.')
    .action(async (file: string | undefined, options: Options) => {
      const config = file ? loadConfig(file) : defaultConfig();
      const found = await check(config);
      const { sample, format = 'auto', showText = false, json = false } = options;
      if (sample !== undefined) await showSample(config, sample, { format, showText, json });
      else if (options.format !== undefined || showText)
        throw new NightjarError('NJ_USAGE', '--format and --show-text go with --sample', { hint: 'name a log file' });
      else process.stdout.write(json ? `${JSON.stringify({ ok: true, ...found })}\n` : text(found));
    });
}

/** What a configuration comes to. Faults of several parts are reported together. */
async function check(config: Config) {
  const faults: string[] = [];
  const part = async <T>(work: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof NightjarError)) throw error;
      faults.push(error.hint ? `${error.message} (${error.hint})` : error.message);
      return undefined;
    }
  };
  const own = (await part(() => customFormats(config.formats))) ?? [];
  await part(() => checkTopics(config));
  await part(() => clientRule(config.trustedProxies));
  const inventory = await part(() => loadInventory(config.inventory).sizes());
  const detectors = await part(async () =>
    (await loadDetectors(DETECTORS, config.detect.detectors)).map(({ detector }) => detector.id),
  );
  const playbooks = await part(async () => (await configuredPlaybooks(config)).map(({ id }) => id));
  if (faults.length > 0) throw new NightjarError('NJ_CONFIG', faults.join('\n'));
  return {
    mode: config.respond.mode,
    formats: own.map(({ id }) => id),
    inventory: inventory ?? {},
    detectors: detectors ?? [],
    playbooks: playbooks ?? [],
  };
}

function checkTopics(config: Config): void {
  const names = [...FORMAT_NAMES, ...Object.keys(config.formats)];
  for (const [index, { format }] of (config.source.kafka?.topics ?? []).entries()) {
    if (!names.includes(format))
      throw new NightjarError('NJ_CONFIG', `source.kafka.topics[${index}].format: there is no format ${format}`, {
        hint: `formats: ${names.join(', ')}`,
      });
  }
}

function text({ mode, formats, inventory, detectors, playbooks }: Awaited<ReturnType<typeof check>>): string {
  const parts = [
    `mode ${mode}`,
    `detectors ${detectors.join(', ')}`,
    `playbooks ${playbooks.join(', ') || 'none'}`,
    ...(formats.length > 0 ? [`formats ${formats.join(', ')}`] : []),
    ...Object.entries(inventory).map(([name, entries]) => `${entries} ${name}`),
  ];
  return `ok: ${parts.join('; ')}\n`;
}
