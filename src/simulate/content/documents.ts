/** Longer texts: wiki pages, web pages, notes of meetings, contracts, log excerpts, code, tables of figures. */
import { type Context, colleague, isoDate, say, sayMany, sayOne } from '../context.ts';
import { iban } from '../world.ts';
import { RESTRICTED_TABLES, TABLES } from './words.ts';

const WIKI_TITLES = [
  'How we handle [topic]',
  'Runbook: [service]',
  '[department]: {onboarding checklist|who does what|planning}',
  '[project]: {status|decisions|open questions}',
  '{Expenses|Travel|Leave|Equipment}: rules',
  '{Release|Incident} review of [date]',
  'FAQ {on|for} [product]',
];

const WIKI_LINES = [
  'Always {check|confirm} the account number before you change anything.',
  '{Contact|Write to} [colleaguemail] if something here is unclear.',
  'Step {one|two|three}: open [service] and look for entries marked "pending".',
  'Since [date] this is done by [department]; earlier notes are kept for reference only.',
  'Do not share {drafts|figures} outside the company before they are approved.',
  'Restart the worker only when the queue is empty. Then post a short note in #[channel].',
  'Limits: up to [count] requests a minute, [amount] a month, [n] retries.',
  'If the customer asks for [topic], send the standard answer first and open a ticket for [department].',
  'You must lock the release at [hour] on the day before.',
  'The report is rebuilt every night; figures of the same day are not final.',
  'Forward {complaints|requests for refunds} to the desk in [city].',
  'Background: in [quarter] we saw [count] cases of [topic], that is [percent] of the total.',
];

const WEB_LINES = [
  '[customer], based in [city], {announced|reported} {a new depot|results for [quarter]|a partnership with [customer2]} on [date].',
  'The firm employs [count] people and {ships|moves} about [count2] pallets a day.',
  '"We {expect|hope for} growth of [percent] this year," said [person], head of operations.',
  'Subscribe to our newsletter and never miss an update. Accept all cookies to continue.',
  'Analysts {see|name} [topic] as the main {risk|chance} for the sector.',
  'To request a quote, fill in the form or write to {sales|info|contact}@[webdomain].',
  'Prices start at [amount] a month; volume discounts apply from [count] units.',
  'Share this article with your colleagues, or download the full report as PDF.',
  'How to {cut|avoid} [topic]: measure first, agree on one owner, review every [weekday].',
  'Our cookie policy was updated on [date]. Please read it carefully.',
];

export function wikiPage(context: Context): { title: string; body: string } {
  return {
    title: sayOne(context, WIKI_TITLES),
    body: sayMany(context, WIKI_LINES, context.random.int(3, 8), context.random.pick(['\n', '\n\n', '\n- '])),
  };
}

export function webPage(context: Context, domain: string): string {
  const title = sayOne(context, [
    '[customer]: {company profile|press room|about us}',
    '{News|Insights}: [topic]',
    'Guide to [topic]',
  ]);
  return `${title}\n\n${sayMany(context, WEB_LINES, context.random.int(3, 7), '\n\n', { webdomain: domain })}`;
}

export function meetingNotes(context: Context): string {
  const lines = [
    '[first]: [topic] is {still open|done|with legal}; next check on [weekday]',
    '[first2] to {talk to|call} [customer] about [topic2]',
    'decision: {go|no-go|postpone} for [project] in [city]',
    'budget left [amount], spent so far [percent]',
    'risk - [service] {slow|unstable} at month end',
    'AI (action item): [person] writes up [topic3] by [date]',
    'parking lot: [product] naming, [n] ideas',
  ];
  return `${say(context, '[project] {weekly|sync|review} [today]')}\n${sayMany(context, lines, context.random.int(3, 7), '\n')}`;
}

export function logExcerpt(context: Context, lines = context.random.int(4, 14)): string {
  const { random } = context;
  const out: string[] = [];
  let time = context.time - random.int(60, 4000) * 1000;
  for (let i = 0; i < lines; i++) {
    time += random.int(20, 40_000);
    out.push(
      `${new Date(time).toISOString()} ${sayOne(
        context,
        [
          'INFO [service] request id=[reqid] path=/v2/{slots|routes|rates} status=200 ms=[count]',
          'WARN [service] retry [n] after timeout to [service2] ({2|5|10}s)',
          'ERROR [service] {deadlock detected|connection reset by peer|null pointer in mapper} req=[reqid]',
          'INFO [service] consumer lag=[count] partition=[n]',
          'DEBUG [service] cache {hit|miss} key=depot:[city]',
        ],
        { reqid: random.hex(12) },
      )}`,
    );
  }
  return out.join('\n');
}

export function code(context: Context): string {
  const { random } = context;
  const name = random.pick(['pickSlot', 'sumSurcharge', 'parseManifest', 'mergeStops', 'roundWeight', 'nextDeparture']);
  const field = random.pick(['weight', 'eta', 'gate', 'rate', 'stops', 'carrier']);
  return random.pick([
    `export function ${name}(items) {\n  const out = [];\n  for (const item of items) {\n    if (item.${field} == null) continue;\n    out.push({ ...item, ${field}: Math.round(item.${field} * ${random.int(2, 9)}) / ${random.int(2, 9)} });\n  }\n  return out.sort((a, b) => a.${field} - b.${field});\n}`,
    `def ${name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)}(rows, limit=${random.int(5, 50)}):\n    seen = set()\n    for row in rows:\n        if row["${field}"] in seen:\n            continue\n        seen.add(row["${field}"])\n        yield row\n        if len(seen) >= limit:\n            break`,
    `func (s *Store) ${name}(ctx context.Context, id string) (float64, error) {\n\tvar v float64\n\terr := s.db.QueryRowContext(ctx, "select ${field} from ${random.pick(Object.keys(TABLES))} where id = $1", id).Scan(&v)\n\treturn v, err\n}`,
  ]);
}

/** Rows of a warehouse table as comma separated values. */
export function csv(
  context: Context,
  table = context.random.pick(Object.keys(TABLES)),
  rows = context.random.int(3, 9),
): string {
  const { random } = context;
  const columns = TABLES[table] ?? RESTRICTED_TABLES[table] ?? ['id', 'name', 'value'];
  const cell = (column: string): string => {
    if (/_at$|_on$|day|month|birth/.test(column)) return isoDate(context.time - random.int(0, 90) * 86_400_000);
    if (/eur|kg|percent|index|score/.test(column)) return `${random.int(1, 9000)}.${random.digits(2)}`;
    if (/name|manager/.test(column)) return say(context, '[person]');
    if (/city|depot/.test(column)) return say(context, '[city]');
    if (/email/.test(column)) return colleague(context.random).email;
    if (/iban/.test(column)) return iban(random);
    if (/holder/.test(column)) return say(context, '[person]');
    if (/phone|tax_no/.test(column)) return random.digits(11);
    if (/address/.test(column)) return say(context, '{Mill Lane|Station Road} [n] [city]');
    if (/notes|item|decision/.test(column)) return say(context, '[topic]');
    if (/status|state/.test(column)) return random.pick(['open', 'done', 'late', 'hold']);
    if (/account/.test(column)) return say(context, '[account]');
    return `${column.slice(0, 2).toUpperCase()}${random.digits(5)}`;
  };
  const lines = [columns.join(',')];
  for (let i = 0; i < rows; i++) lines.push(columns.map(cell).join(','));
  return lines.join('\n');
}

export function contractClause(context: Context): string {
  return sayMany(
    context,
    [
      '{4|7|9}.{1|2} The Supplier shall deliver the Services with reasonable care and shall notify the Customer of any delay within {two|five} working days.',
      '{5|8}.{1|3} Either party may terminate this agreement with {three|six} months notice to the end of a quarter.',
      '{6|11}.2 Fees are due within {30|45} days. The annual adjustment shall not exceed [percent].',
      '{10|12}.1 Each party shall keep confidential all information marked as such and must not disclose it to third parties.',
      '{13|14}.4 Liability is limited to [amount] per event, except for wilful misconduct.',
      '{2|3}.3 The Customer shall name a contact person; at signing this is [person], [city].',
    ],
    context.random.int(2, 4),
    '\n',
  );
}
