/** A Python environment with pinned packages, made once by pip and kept in the cache folder. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './command.ts';
import { cached } from './maven.ts';

/**
 * Path of the `python` in an environment that holds exactly the requirements of this file; about a minute on first use.
 * @throws when there is no Python 3.10 or newer, or a package cannot be had
 */
export async function pythonWith(requirementsFile: string): Promise<string> {
  const hash = createHash('sha256').update(readFileSync(requirementsFile)).digest('hex').slice(0, 12);
  const folder = await cached(`python-${hash}`, async (partial) => {
    await run('python3', [
      '-c',
      'import sys; sys.exit("Python 3.10 or newer is needed" if sys.version_info < (3, 10) else 0)',
    ]);
    await run('python3', ['-m', 'venv', partial], { partial });
    const pip = [
      '-m',
      'pip',
      'install',
      '--no-input',
      '--disable-pip-version-check',
      '--quiet',
      '-r',
      requirementsFile,
    ];
    await run(join(partial, 'bin', 'python'), pip, { partial });
  });
  return join(folder, 'bin', 'python');
}
