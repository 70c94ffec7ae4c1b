/** Facts about the installed package. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Version from package.json, which stands one folder up in a checkout and two in a built package. */
export function packageVersion(): string {
  for (const path of ['../package.json', '../../package.json']) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
      if (name === 'nightjar') return version;
    } catch {
      // Not there: the other layout.
    }
  }
  return 'unknown';
}

/** The playbooks that ship with Nightjar: `deploy/playbooks` of the checkout or the installed package. */
export const PLAYBOOKS = [
  new URL('../deploy/playbooks', import.meta.url),
  new URL('../../deploy/playbooks', import.meta.url),
]
  .map((url) => fileURLToPath(url))
  .find(existsSync) as string;
