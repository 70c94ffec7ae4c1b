/** Elasticsearch as the store: alerts, incidents and responses in indices that analysts search with ECS names. */
import { Client, errors } from '@elastic/elasticsearch';
import type { ElasticsearchConfig } from '../../config/schema.ts';
import type { Alert, Incident } from '../../model/finding.ts';
import type { ResponseRecord } from '../../model/response.ts';
import type { AlertQuery, Store } from '../../ports.ts';
import { type BulkItem, type BulkReply, BulkWriter } from './bulk-writer.ts';
import { clientOptions, nodeName } from './connection.ts';
import {
  alertDocument,
  alertDocumentId,
  alertIndex,
  incidentDocument,
  incidentFrom,
  responseDocument,
} from './documents.ts';
import { isPassing, judgeItem, readFailure, rejectedRequest } from './failures.ts';
import { findNewest, newestOf } from './search.ts';
import { installTemplates } from './templates.ts';

export interface ElasticsearchStoreOptions {
  /** Told by `setup` what it changed, a line each; default: nobody. */
  notice?: (line: string) => void;
}

/**
 * Opens the store; reads the secret files, connects on first use.
 *
 * Writes resolve when the document is durable on the primary shard, not when searches show it. `findAlerts` and `getAlert` refresh the
 * alert indices first, so they see every write that was resolved; other searches see it after the refresh interval (1 s).
 *
 * Errors: `GiveUp` for a document that is rejected · `RetryLater` while the cluster is busy or blocks writes · NightjarError
 * NJ_UNREACHABLE (no answer) or NJ_REFUSED (credentials, rights), naming the node; NJ_CONFIG for an unreadable secret file.
 */
export function openElasticsearchStore(config: ElasticsearchConfig, options: ElasticsearchStoreOptions = {}): Store {
  return new ElasticsearchStore(new Client(clientOptions(config)), config, options);
}

class ElasticsearchStore implements Store {
  readonly #client: Client;
  readonly #namespace: string;
  readonly #node: string;
  readonly #notice: (line: string) => void;
  readonly #writer: BulkWriter;

  constructor(client: Client, config: ElasticsearchConfig, options: ElasticsearchStoreOptions) {
    this.#client = client;
    this.#namespace = config.namespace;
    this.#node = nodeName(config.node);
    this.#notice = options.notice ?? (() => {});
    this.#writer = new BulkWriter({ send: (items) => this.#send(items) });
  }

  async setup(): Promise<void> {
    const changes = await this.#ask(() => installTemplates(this.#client));
    for (const change of changes) this.#notice(change);
  }

  putAlert(alert: Alert): Promise<void> {
    const index = alertIndex(this.#namespace, alert['@timestamp']);
    return this.#put({ create: { _index: index, _id: alertDocumentId(alert) } }, alertDocument(alert));
  }

  putIncident(incident: Incident): Promise<void> {
    const version = { version: incident.version, version_type: 'external' };
    const index = `nightjar-incidents-${this.#namespace}`;
    return this.#put({ index: { _index: index, _id: incident.id, ...version } }, incidentDocument(incident));
  }

  /** A run that is repeated after a crash replaces its own earlier record. */
  putResponse(record: ResponseRecord): Promise<void> {
    const index = `nightjar-responses-${this.#namespace}`;
    return this.#put({ index: { _index: index, _id: record.id } }, responseDocument(record));
  }

  findAlerts(query: AlertQuery): Promise<Alert[]> {
    return this.#ask(() => findNewest(this.#client, this.#alertIndices, query));
  }

  getAlert(id: string): Promise<Alert | undefined> {
    return this.#ask(async () => (await newestOf(this.#client, this.#alertIndices, [id]))[0]);
  }

  getIncident(id: string): Promise<Incident | undefined> {
    return this.#ask(async () => {
      const found = await this.#client.get({ index: `nightjar-incidents-${this.#namespace}`, id }, { ignore: [404] });
      return found.found ? incidentFrom(found._source) : undefined;
    });
  }

  async close(): Promise<void> {
    await this.#writer.drain();
    await this.#client.close();
  }

  get #alertIndices(): string {
    return `nightjar-alerts-${this.#namespace}-*`;
  }

  #put(action: BulkItem['action'], document: object): Promise<void> {
    return this.#writer.put({ action, document: JSON.stringify(document) });
  }

  async #send(items: BulkItem[]): Promise<BulkReply> {
    try {
      const reply = await this.#client.bulk({
        operations: items.flatMap((item) => [item.action, item.document]),
        filter_path: 'items.*.status,items.*.error.type,items.*.error.reason',
      });
      return reply.items.map((item) => {
        const { status = 0, error } = Object.values(item)[0] ?? {};
        return judgeItem(this.#node, status, error);
      });
    } catch (error) {
      const status = error instanceof errors.ResponseError ? error.statusCode : undefined;
      if (isPassing(status)) return items.map(() => 'again');
      // 400 and 413 judge the whole request, though a single item (its id, its size) may be the cause.
      if (status === 400 || status === 413) return items.length > 1 ? 'split' : [rejectedRequest(error)];
      throw readFailure(this.#node, error);
    }
  }

  async #ask<T>(question: () => Promise<T>): Promise<T> {
    try {
      return await question();
    } catch (error) {
      throw readFailure(this.#node, error);
    }
  }
}
