/** A store on the real Elasticsearch in a namespace of its own, for one test. */
import { randomBytes } from 'node:crypto';
import { Client } from '@elastic/elasticsearch';
import { openElasticsearchStore } from '../../src/deliver/elasticsearch/store.ts';
import type { Store } from '../../src/ports.ts';
import { need } from '../services/index.ts';

export interface ElasticsearchBench {
  store: Store;
  /** A plain client, to look at what the store wrote. */
  client: Client;
  namespace: string;
  /** Removes the namespace's indices; the store is closed by whoever uses it. */
  end(): Promise<void>;
}

/** Undefined when the server is missing; the test is then marked as skipped. */
export async function openBench(t: { skip(message?: string): void }): Promise<ElasticsearchBench | undefined> {
  const servers = need(t, 'elasticsearch');
  if (!servers) return undefined;
  const node = servers.elasticsearch;
  const namespace = `t${randomBytes(5).toString('hex')}`;
  const client = new Client({ node });
  return {
    store: openElasticsearchStore({ node, namespace }),
    client,
    namespace,
    async end() {
      const indices = Object.keys(await client.indices.get({ index: `nightjar-*-${namespace}*` }));
      for (const index of indices) await client.indices.delete({ index });
      await client.close();
    },
  };
}
