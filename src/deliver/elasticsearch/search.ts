/** Finds alerts: of every alert its newest revision, however many revisions are stored. */
import type { Client, estypes } from '@elastic/elasticsearch';
import type { Alert } from '../../model/finding.ts';
import type { AlertQuery } from '../../ports.ts';
import { alertFrom, entityTerms } from './documents.ts';

const ID = 'nightjar.alert.id';
/** Elasticsearch's default bound of `from + size`. */
const WINDOW = 10_000;

/**
 * Newest first by event time, at most `query.limit` (default 100; 10,000 at most). An alert is judged by its newest revision: one that
 * was medium and is high by now is found as high only.
 */
export async function findNewest(client: Client, index: string, query: AlertQuery): Promise<Alert[]> {
  const limit = Math.min(query.limit ?? 100, WINDOW);
  const found: Alert[] = [];
  await refresh(client, index);
  for (let from = 0; found.length < limit && from < WINDOW; from += limit) {
    const size = Math.min(limit, WINDOW - from);
    const page = await candidates(client, index, query, from, size);
    found.push(...(await newest(client, index, page)).filter((alert) => matches(alert, query)));
    if (page.length < size) break;
  }
  return found.sort(newerFirst).slice(0, limit);
}

/** The newest revisions of these alerts; absent ones are left out. */
export async function newestOf(client: Client, index: string, ids: string[]): Promise<Alert[]> {
  await refresh(client, index);
  return newest(client, index, ids);
}

/** Ids of alerts of which some revision matches. */
async function candidates(client: Client, index: string, query: AlertQuery, from: number, size: number) {
  const filter: estypes.QueryDslQueryContainer[] = [];
  if (query.detector) filter.push({ term: { 'rule.id': query.detector } });
  if (query.severity) filter.push({ term: { 'nightjar.alert.severity': query.severity } });
  if (query.entity) filter.push({ term: { 'nightjar.alert.entity': query.entity } });
  const result = await client.search({
    index,
    from,
    size,
    query: { bool: { filter } },
    collapse: { field: ID },
    sort: [
      { '@timestamp': { order: 'desc', unmapped_type: 'date' } },
      { [ID]: { order: 'asc', unmapped_type: 'keyword' } },
    ],
    _source: false,
    track_total_hits: false,
  });
  return result.hits.hits.map((hit) => String(hit.fields?.[ID]?.[0]));
}

async function newest(client: Client, index: string, ids: string[]): Promise<Alert[]> {
  if (ids.length === 0) return [];
  const result = await client.search({
    index,
    size: ids.length,
    query: { bool: { filter: [{ terms: { [ID]: ids } }] } },
    collapse: { field: ID },
    sort: [{ 'nightjar.alert.revision': { order: 'desc', unmapped_type: 'long' } }],
    _source: ['nightjar.alert_json'],
    track_total_hits: false,
  });
  return result.hits.hits.map((hit) => alertFrom(hit._source)).sort(newerFirst);
}

/** Makes resolved writes visible. An account without the right to refresh reads what the last refresh showed. */
async function refresh(client: Client, index: string): Promise<void> {
  await client.indices.refresh({ index, ignore_unavailable: true, allow_no_indices: true }, { ignore: [403, 404] });
}

function matches(alert: Alert, { severity, entity }: AlertQuery): boolean {
  if (severity !== undefined && alert.severity !== severity) return false;
  return entity === undefined || entityTerms(alert.entities).includes(entity);
}

function newerFirst(a: Alert, b: Alert): number {
  return Date.parse(b['@timestamp']) - Date.parse(a['@timestamp']) || (a.id < b.id ? -1 : 1);
}
