/** Writes the list in detectors/README.md: `npm run docs`. A test holds the file to it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadDetectors } from '../../src/detect/registry.ts';
import { DETECTORS } from '../../src/replay.ts';

export const README = join(DETECTORS, 'README.md');

/** The file as it should be. */
export async function wanted(): Promise<string> {
  const rows = (await loadDetectors(DETECTORS)).map(
    ({ detector: { id, title, class: kind, maturity, keys } }) =>
      `| [${id}](${id}/README.md) | ${title} | ${kind} | ${maturity} | ${keys.join(', ')} |`,
  );
  const table = ['| detector | reports | class | maturity | keyed by |', '|---|---|---|---|---|', ...rows].join('\n');
  return readFileSync(README, 'utf8').replace(
    /(<!-- detectors -->\n)[\s\S]*?(<!-- \/detectors -->)/,
    (_whole, begin, end) => `${begin}\n${table}\n\n${end}`,
  );
}

if (process.argv[1] === import.meta.filename) writeFileSync(README, await wanted());
