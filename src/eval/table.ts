/** Evaluations as tables: Markdown for the docs, aligned text for a terminal. */
import type { CampaignRow } from './campaigns.ts';
import type { Row } from './rate.ts';

const HEAD = ['group', 'n', 'flagged', 'rate', '95 % interval', 'detectors'];

function percent(value: number): string {
  return `${(100 * value).toFixed(1)} %`;
}

/** Seconds for people: `40 s`, `12 min`, `3.5 h`. */
export function duration(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

function cells(entry: Row, timed: boolean): string[] {
  const { seconds_to_find: seconds } = entry as CampaignRow;
  return [
    entry.group,
    String(entry.n),
    String(entry.flagged),
    percent(entry.rate),
    `${(100 * entry.ci[0]).toFixed(1)} to ${percent(entry.ci[1])}`,
    ...(timed ? [seconds ? `${duration(seconds.median)} / ${duration(seconds.most)}` : ''] : []),
    Object.entries(entry.detectors)
      .map(([id, count]) => `${id} ${count}`)
      .join(', '),
  ];
}

function grid(rows: readonly Row[]): string[][] {
  const timed = rows.some((r) => (r as CampaignRow).seconds_to_find !== undefined);
  const head = timed ? [...HEAD.slice(0, 5), 'time to find, median / most', ...HEAD.slice(5)] : HEAD;
  return [head, ...rows.map((r) => cells(r, timed))];
}

/** A Markdown table of these rows. */
export function markdownTable(rows: readonly Row[]): string {
  const [head, ...body] = grid(rows) as [string[], ...string[][]];
  const line = (list: readonly string[]): string => `| ${list.map((c) => c.replaceAll('|', '\\|')).join(' | ')} |`;
  const rule = head.map((_, i) => (i >= 1 && i <= 4 ? '---:' : '---'));
  return [line(head), line(rule), ...body.map(line)].join('\n');
}

/** The same, aligned by blanks. */
export function textTable(rows: readonly Row[]): string {
  const all = grid(rows);
  const widths = (all[0] as string[]).map((_, i) => Math.max(...all.map((r) => (r[i] as string).length)));
  const line = (list: readonly string[]): string =>
    list
      .map((c, i) => (i >= 1 && i <= 4 ? c.padStart(widths[i] as number) : c.padEnd(widths[i] as number)))
      .join('  ')
      .trimEnd();
  return all.map(line).join('\n');
}
