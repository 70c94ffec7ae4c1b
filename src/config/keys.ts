/** Secrets that Nightjar makes for itself on first start and keeps in its data folder, readable by its owner alone. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NightjarError } from '../errors.ts';
import { readSecret } from './load.ts';
import type { Config } from './schema.ts';

/** The key of all fingerprints; from `secrets.fingerprintKeyFile`, else made in the data folder. At least 16 bytes. */
export function fingerprintKey(config: Config): Uint8Array {
  const given = config.secrets.fingerprintKeyFile;
  const text = given ? readSecret(given, 'secrets.fingerprintKeyFile') : keep(config.data, 'fingerprint.key');
  if (text.length < 16)
    throw new NightjarError('NJ_CONFIG', 'secrets.fingerprintKeyFile: the key must have at least 16 characters');
  return Buffer.from(text);
}

/** The bearer token of the HTTP intake; from `source.http.tokenFile`, else made in the data folder. */
export function intakeToken(config: Config): { token: string; file: string } {
  const given = config.source.http?.tokenFile;
  if (given) return { token: readSecret(given, 'source.http.tokenFile'), file: given };
  return { token: keep(config.data, 'intake.token'), file: join(config.data, 'intake.token') };
}

/** Reads the file, or makes it with 32 random bytes. Two starters at once agree: the first to make it wins. */
function keep(folder: string, name: string): string {
  const file = join(folder, name);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(file, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
      throw new NightjarError('NJ_CONFIG', `cannot write ${file}: ${(error as NodeJS.ErrnoException).code}`, {
        hint: 'set data to a folder that can be written',
        cause: error,
      });
  }
  return readFileSync(file, 'utf8').trim();
}
