/** Fetches server artifacts through Maven and keeps them in a cache folder of the user. */
import { accessSync, constants, existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { run } from './command.ts';

const plugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1';
const quiet = ['-B', '-q', '-Dstyle.color=never'];

/** Where downloads stay between runs: `nightjar-test-services` in XDG_CACHE_HOME, by default in ~/.cache. */
export function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'nightjar-test-services');
}

function onPath(command: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * The cached folder `name`; when absent, `fill` makes its content in a temporary folder that is then renamed, so that
 * a killed run leaves no half folder and two runs at once do not disturb each other.
 */
export async function cached(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const target = join(cacheFolder(), name);
  if (existsSync(target)) return target;
  await mkdir(cacheFolder(), { recursive: true });
  const partial = await mkdtemp(`${target}.partial-`);
  try {
    await fill(partial);
    await chmod(partial, 0o755);
    await rename(partial, target);
  } catch (error) {
    const otherRunWasFirst = ['EEXIST', 'ENOTEMPTY'].includes((error as NodeJS.ErrnoException).code ?? '');
    if (!otherRunWasFirst) throw error;
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return target;
}

let previous: Promise<unknown> = Promise.resolve();

// Maven's local repository does not like several writers, and its start costs a core for seconds.
function maven(partial: string, args: string[], pom?: string): Promise<void> {
  const call = previous.then(async () => {
    if (!onPath('mvn'))
      throw new Error('not downloaded yet, and there is no "mvn" (Apache Maven) on the PATH to do it');
    const cwd = join(partial, '.maven');
    await mkdir(cwd);
    try {
      if (pom) await writeFile(join(cwd, 'pom.xml'), pom);
      await run('mvn', [...quiet, ...args], { cwd, partial });
    } finally {
      await rm(cwd, { recursive: true, force: true });
    }
  });
  previous = call.catch(() => {});
  return call;
}

/** Unpacks one artifact (`group:artifact:version[:type]`) into `folder`, with file modes as packed. */
export function unpackArtifact(artifact: string, folder: string): Promise<void> {
  return maven(folder, [
    `${plugin}:unpack`,
    `-Dartifact=${artifact}`,
    `-DoutputDirectory=${folder}`,
    '-Dmdep.unpack.markersDirectory=markers',
  ]);
}

/** Copies jars (`group:artifact:version`) and everything they need at run time into `folder`. */
export function copyJars(artifacts: string[], folder: string): Promise<void> {
  const dependencies = artifacts.map((artifact) => {
    const [group, id, version] = artifact.split(':');
    return `<dependency><groupId>${group}</groupId><artifactId>${id}</artifactId><version>${version}</version></dependency>`;
  });
  const pom = `<project><modelVersion>4.0.0</modelVersion><groupId>test</groupId><artifactId>jars</artifactId>
<version>1</version><dependencies>${dependencies.join('')}</dependencies></project>`;
  return maven(folder, [`${plugin}:copy-dependencies`, '-DincludeScope=runtime', `-DoutputDirectory=${folder}`], pom);
}
