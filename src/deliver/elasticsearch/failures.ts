/** Reads Elasticsearch's failures: what is success in disguise, what passes by itself, what a person must mend, what never works. */
import { errors } from '@elastic/elasticsearch';
import { NightjarError } from '../../errors.ts';
import { GiveUp, RetryLater } from '../../ports.ts';
import { truncate, visible } from '../text.ts';

/** How long jobs rest while the cluster refuses writes as a whole. */
export const BLOCKED_WAIT_MS = 30_000;

/** What became of one item of a bulk request; an Error is to be handed to whoever wrote the item. */
export type ItemOutcome = 'written' | 'again' | Error;

export interface ItemError {
  type?: string | undefined;
  reason?: string | null | undefined;
}

/** Busy or without its shards for the moment: the same request may pass a little later. */
export function isPassing(status: number | undefined): boolean {
  return status === 429 || status === 502 || status === 503 || status === 504;
}

/**
 * Judges one item. 409 is success: the document, or a newer version of it, is there. A write block (disk full, read-only) comes as 403
 * or 429 and ends only when someone acts.
 */
export function judgeItem(node: string, status: number, error: ItemError | undefined): ItemOutcome {
  if ((status >= 200 && status < 300) || status === 409) return 'written';
  const type = error?.type ?? `status ${status}`;
  if (type === 'cluster_block_exception') {
    return new RetryLater(
      BLOCKED_WAIT_MS,
      `Elasticsearch at ${node} blocks writes: ${shorten(error?.reason)} (free disk space or lift the block)`,
    );
  }
  if (isPassing(status)) return 'again';
  if (status === 401 || status === 403 || type === 'index_not_found_exception')
    return refused(node, type, error?.reason);
  return new GiveUp(`Elasticsearch rejected the document: ${type}: ${shorten(error?.reason)}`);
}

/** What becomes of a document that alone makes the server refuse the whole request (400, 413). */
export function rejectedRequest(error: unknown): GiveUp {
  const { type, reason } = causeOf(error);
  return new GiveUp(`Elasticsearch rejected the document: ${type}: ${shorten(reason)}`);
}

/**
 * The error to raise for a failed request. Carries neither the client's error (its request holds the credentials) nor the body.
 * @param node address without credentials
 */
export function readFailure(node: string, error: unknown): Error {
  if (error instanceof errors.ResponseError) {
    const { type, reason } = causeOf(error);
    if (type === 'cluster_block_exception' || isPassing(error.statusCode)) {
      return new NightjarError('NJ_UNREACHABLE', `Elasticsearch at ${node} is not ready: ${type}: ${shorten(reason)}`, {
        hint: 'look at the health of the cluster; it is tried again',
      });
    }
    return refused(node, type, reason);
  }
  if (error instanceof errors.TimeoutError) {
    return new NightjarError('NJ_UNREACHABLE', `Elasticsearch at ${node} did not answer in time`, {
      hint: 'look at the load of the cluster; it is tried again',
    });
  }
  if (error instanceof errors.ConnectionError || error instanceof errors.NoLivingConnectionsError) {
    return new NightjarError('NJ_UNREACHABLE', `cannot reach Elasticsearch at ${node}: ${shorten(error.message)}`, {
      hint: 'check store.elasticsearch.node and that the server runs; it is tried again',
    });
  }
  if (error instanceof errors.ProductNotSupportedError || error instanceof errors.DeserializationError) {
    return new NightjarError('NJ_REFUSED', `what answers at ${node} is not Elasticsearch`, {
      hint: 'check store.elasticsearch.node',
    });
  }
  return error instanceof Error ? error : new Error(String(error));
}

function causeOf(error: unknown): { type: string; reason: string } {
  if (!(error instanceof errors.ResponseError)) return { type: 'unknown', reason: '' };
  const cause = (error.body as { error?: ItemError | string } | undefined)?.error;
  const { type, reason } = typeof cause === 'object' && cause !== null ? cause : {};
  return { type: type ?? `status ${error.statusCode}`, reason: reason ?? '' };
}

function refused(node: string, type: string, reason: string | null | undefined): NightjarError {
  return new NightjarError('NJ_REFUSED', `Elasticsearch at ${node} refused: ${type}: ${shorten(reason)}`, {
    hint: 'check the credentials and their rights on nightjar-* (deploy/elasticsearch/README.md)',
  });
}

function shorten(reason: string | null | undefined): string {
  return truncate(visible(reason || 'no reason given'), 300);
}
