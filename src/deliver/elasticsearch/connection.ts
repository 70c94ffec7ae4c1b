/** How to connect to Elasticsearch: address, credentials and certificate authority from the configuration. */
import type { ClientOptions } from '@elastic/elasticsearch';
import { readSecret } from '../../config/load.ts';
import type { ElasticsearchConfig } from '../../config/schema.ts';
import { NightjarError } from '../../errors.ts';

const SETTING = 'store.elasticsearch';

/**
 * Options for the client. It does not retry by itself: the bulk writer and the queue do, and know what is worth it.
 * @throws NightjarError NJ_CONFIG when a file cannot be read, or a user name comes without a password
 */
export function clientOptions(config: ElasticsearchConfig): ClientOptions {
  const auth = credentials(config);
  const { node, caFile } = config;
  return {
    node,
    maxRetries: 0,
    requestTimeout: 30_000,
    ...(auth && { auth }),
    ...(caFile && { tls: { ca: readSecret(caFile, `${SETTING}.caFile`) } }),
  };
}

/** The address for people: without credentials, path or query. */
export function nodeName(node: string): string {
  const { protocol, host } = new URL(node);
  return `${protocol}//${host}`;
}

function credentials({ apiKeyFile, username, passwordFile }: ElasticsearchConfig): ClientOptions['auth'] {
  if (apiKeyFile) return { apiKey: readSecret(apiKeyFile, `${SETTING}.apiKeyFile`) };
  if (!username && !passwordFile) return undefined;
  if (!username || !passwordFile) {
    throw new NightjarError('NJ_CONFIG', `${SETTING}: username and passwordFile belong together`, {
      hint: 'give both, or use apiKeyFile',
    });
  }
  return { username, password: readSecret(passwordFile, `${SETTING}.passwordFile`) };
}
