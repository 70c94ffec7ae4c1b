/** Finds a Java runtime that is new enough for a server. */
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

const systemFolder = '/usr/lib/jvm';

function homesInside(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
}

function homeOnPath(): string | undefined {
  const folder = (process.env.PATH ?? '').split(delimiter).find((entry) => existsSync(join(entry, 'java')));
  return folder && dirname(dirname(realpathSync(join(folder, 'java'))));
}

function majorVersion(home: string): number {
  const release = join(home, 'release');
  if (!existsSync(join(home, 'bin', 'java')) || !existsSync(release)) return 0;
  return Number(readFileSync(release, 'utf8').match(/^JAVA_VERSION="(\d+)/m)?.[1] ?? 0);
}

/**
 * Home folder of the oldest installed Java that is at least `minimum`: JAVA_HOME, the `java` on the PATH, and what
 * lies beside them and in the system's JVM folder. The oldest, because servers are tried with the Java of their time.
 * Throws an error that names the versions found when none is new enough.
 */
export function findJava(minimum: number): string {
  const known = [process.env.JAVA_HOME, homeOnPath()].filter((home): home is string => Boolean(home));
  const homes = [...known, ...known.flatMap((home) => homesInside(dirname(home))), ...homesInside(systemFolder)];
  const versions = homes.map((home) => ({ home, version: majorVersion(home) })).filter(({ version }) => version > 0);
  const fitting = versions.filter(({ version }) => version >= minimum).sort((a, b) => a.version - b.version);
  if (fitting[0]) return fitting[0].home;
  const found = [...new Set(versions.map(({ version }) => version))].join(', ') || 'none';
  throw new Error(`needs Java ${minimum} or newer (found: ${found}); install one or point JAVA_HOME at it`);
}
