/** Starts a LiteLLM proxy from PyPI with a model that answers without any network. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePorts } from './ports.ts';
import { pythonWith } from './python.ts';
import { type RunningServer, startServer } from './server.ts';
import { inServerDir } from './server-dir.ts';

const REQUIREMENTS = join(import.meta.dirname, '../clients/requirements-proxy.txt');
/** Its console script names the folder that the environment was made in. */
const RUN = 'from litellm.proxy.proxy_cli import run_server; run_server()';

/** Python with the proxy's packages; about two minutes on first use. @throws when it cannot be had */
export function litellmPython(): Promise<string> {
  return pythonWith(REQUIREMENTS);
}

/** A proxy that is up in about 20 s; address `http://127.0.0.1:port`. `config` is its configuration file as text (YAML or JSON). */
export async function startLitellm(python: string, config: string): Promise<RunningServer> {
  const [port] = (await freePorts(1)) as [number];
  const address = `http://127.0.0.1:${port}`;
  return inServerDir('litellm', undefined, async (dir) => {
    const file = join(dir.path, 'config.yaml');
    await writeFile(file, config);
    return startServer(
      {
        name: 'litellm',
        command: python,
        args: ['-c', RUN, '--config', file, '--host', '127.0.0.1', '--port', String(port), '--telemetry', 'False'],
        env: {
          NO_PROXY: '127.0.0.1',
          no_proxy: '127.0.0.1',
          // It would fetch a price list.
          LITELLM_LOCAL_MODEL_COST_MAP: 'True',
          DEFAULT_FLUSH_INTERVAL_SECONDS: '1',
        },
        port,
        address,
        ready: () =>
          fetch(`${address}/health/liveliness`, { signal: AbortSignal.timeout(2_000) }).then(
            ({ ok }) => ok,
            () => false,
          ),
      },
      dir,
    );
  });
}
