/** Starts Elasticsearch 9.2.0 (server, REST and core modules) as a single node without security. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findJava } from './java.ts';
import { cached, unpackArtifact } from './maven.ts';
import { freePorts } from './ports.ts';
import { type RunningServer, type StartOptions, startServer } from './server.ts';
import { inServerDir } from './server-dir.ts';
import { giveTo, readableInstallation, unprivilegedUser } from './user.ts';

const version = '9.2.0';

const logging = `status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d %p %c{1.} %m%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
`;

// Without an own temporary folder its file policy collides with the installation, when that lies in the system's one.
const jvmOptions = `-Xms512m
-Xmx512m
-XX:+UseSerialGC
-XX:+ExitOnOutOfMemoryError
-Djava.io.tmpdir=\${ES_TMPDIR}
20-:--add-modules=jdk.incubator.vector
`;

function installation(): Promise<string> {
  return cached(`elasticsearch-${version}`, (partial) =>
    unpackArtifact(`org.elasticsearch.distribution.integ-test-zip:elasticsearch:${version}:zip`, partial),
  );
}

async function writeConfig(folder: string, settings: Record<string, string>): Promise<void> {
  await mkdir(folder, { recursive: true });
  const lines = Object.entries(settings).map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`);
  await writeFile(join(folder, 'elasticsearch.yml'), lines.join(''));
  await writeFile(join(folder, 'log4j2.properties'), logging);
  await writeFile(join(folder, 'jvm.options'), jvmOptions);
}

async function healthy(address: string): Promise<boolean> {
  try {
    const url = `${address}/_cluster/health?wait_for_status=yellow&timeout=1s`;
    return (await fetch(url, { signal: AbortSignal.timeout(2000) })).ok;
  } catch {
    return false;
  }
}

/** An Elasticsearch node, up in about 15 s; address `http://127.0.0.1:port`. `settings` are those of elasticsearch.yml. */
export async function startElasticsearch(options: StartOptions = {}): Promise<RunningServer> {
  const javaHome = findJava(21);
  const user = unprivilegedUser();
  const cache = join(await installation(), `elasticsearch-${version}`);
  const [freeOne, transportPort] = (await freePorts(2)) as [number, number];
  const port = options.port ?? freeOne;
  const address = `http://127.0.0.1:${port}`;
  return inServerDir('elasticsearch', options.dir, async (dir) => {
    const folder = (name: string) => join(dir.path, name);
    await giveTo(user, dir.path);
    await writeConfig(folder('config'), {
      'discovery.type': 'single-node',
      'network.host': '127.0.0.1',
      'http.port': String(port),
      'transport.port': String(transportPort),
      'path.data': folder('data'),
      'path.logs': folder('logs'),
      'xpack.security.enabled': 'false',
      'cluster.routing.allocation.disk.threshold_enabled': 'false', // a well-filled disk is no reason to refuse tests
      ...options.settings,
    });
    for (const name of ['config', 'data', 'logs', 'tmp']) {
      await mkdir(folder(name), { recursive: true });
      await giveTo(user, folder(name));
    }
    const home = await readableInstallation(cache, dir, user);
    return startServer(
      {
        name: 'elasticsearch',
        command: join(home, 'bin', 'elasticsearch'),
        args: [],
        env: { ES_JAVA_HOME: javaHome, ES_PATH_CONF: folder('config'), ES_TMPDIR: folder('tmp'), HOME: folder('tmp') },
        user,
        port,
        address,
        ready: () => healthy(address),
      },
      dir,
    );
  });
}
