/** Warehouse, documents, code, web, payments, operations: the tools of technical and financial work. */
import { code, csv, logExcerpt, meetingNotes, webPage } from '../content/documents.ts';
import { RESTRICTED_TABLES, TABLES } from '../content/words.ts';
import { type Context, isoDate, say, sayOne } from '../context.ts';
import type { ToolUse } from '../script.ts';
import type { Firm, Host } from '../world.ts';
import { render } from './mail.ts';

export function listTables(): ToolUse {
  return {
    capability: 'sql.tables',
    args: {},
    result: [...Object.keys(TABLES), ...Object.keys(RESTRICTED_TABLES)].join('\n'),
  };
}

export function describeTable(table: string): ToolUse {
  const columns = TABLES[table] ?? RESTRICTED_TABLES[table] ?? [];
  return {
    capability: 'sql.describe',
    args: { table },
    result: JSON.stringify(
      columns.map((column) => ({
        column,
        type: /_at$|_on$/.test(column) ? 'timestamp' : /eur|kg/.test(column) ? 'numeric' : 'text',
      })),
    ),
  };
}

export function runQuery(context: Context, table = context.random.pick(Object.keys(TABLES))): ToolUse {
  const columns = TABLES[table] ?? RESTRICTED_TABLES[table] ?? ['*'];
  const [a, b] = context.random.sample(columns, 2) as [string, string];
  const sql = context.random.pick([
    `select ${a}, count(*) as n from ${table} group by ${a} order by n desc limit ${context.random.int(5, 50)}`,
    `select ${a}, ${b} from ${table} where ${a} is not null limit ${context.random.int(5, 100)}`,
    `select date_trunc('week', now()) as week, count(distinct ${a}) from ${table} group by 1`,
    `with recent as (select * from ${table} where ${b} is not null) select ${a} from recent limit 20`,
  ]);
  return { capability: 'sql.query', args: { sql }, result: csv(context, table) };
}

export function failedQuery(context: Context): ToolUse {
  const table = context.random.pick(Object.keys(TABLES));
  return {
    capability: 'sql.query',
    args: { sql: `select ${table}_total from ${table}` },
    result: `SQL compilation error: invalid identifier '${table.toUpperCase()}_TOTAL'`,
  };
}

export function documentPath(context: Context): string {
  return say(
    context,
    '/{finance|projects|customers|people|legal|shared}/{[project]|[customer]|[month]|archive}/{summary|notes|plan|report|agreement|budget}-[today].{docx|md|xlsx|pdf}',
  ).replaceAll(' ', '-');
}

export function listFiles(context: Context): ToolUse {
  const folder = documentPath(context).split('/').slice(0, 3).join('/');
  return {
    capability: 'files.list',
    args: { folder },
    result: Array.from({ length: context.random.int(2, 7) }, () => documentPath(context)).join('\n'),
  };
}

export function readFile(context: Context, path = documentPath(context), text?: string): ToolUse {
  return {
    capability: 'files.read',
    args: { path },
    result: text ?? context.random.pick([meetingNotes, csv])(context),
  };
}

export function writeFile(context: Context, content: string): ToolUse {
  return {
    capability: 'files.write',
    args: { path: documentPath(context), content },
    result: render(context, { status: 'ok', bytes: content.length }),
  };
}

export function shareFile(context: Context, path: string, email: string): ToolUse {
  return {
    capability: 'files.share',
    args: { path, email, role: context.random.pick(['viewer', 'commenter']) },
    result: render(context, { status: 'shared', with: email }),
  };
}

export function searchCode(context: Context, repo: string): ToolUse {
  const path = sourcePath(context);
  return {
    capability: 'git.search',
    args: { repo, query: sayOne(context, ['surcharge', 'retry', 'slot overlap', 'timezone', 'manifest']) },
    result: `${path}:${context.random.int(3, 300)}: ${code(context).split('\n')[0]}`,
  };
}

export function sourcePath(context: Context): string {
  return say(
    context,
    '{src|lib|internal|pkg}/{routes|slots|billing|carriers|util}/{index|store|parser|client|merge}.{ts|py|go}',
  );
}

export function readSource(context: Context, repo: string, text = code(context)): ToolUse {
  return { capability: 'git.read', args: { repo, path: sourcePath(context) }, result: text };
}

export function readDiff(context: Context, repo: string, number: number): ToolUse {
  const lines = code(context).split('\n');
  const diff = lines.map((line) => context.random.pick([' ', ' ', '+', '-']) + line).join('\n');
  return {
    capability: 'git.diff',
    args: { repo, number },
    result: `diff --git a/${sourcePath(context)}\n@@ -${context.random.int(1, 90)},${lines.length} @@\n${diff}`,
  };
}

export function commentPull(context: Context, repo: string, number: number, body: string): ToolUse {
  return {
    capability: 'git.comment',
    args: { repo, number, body },
    result: render(context, { id: context.random.int(10_000_000, 99_999_999) }),
  };
}

export function ciRun(context: Context, repo: string): ToolUse {
  return {
    capability: 'git.ci',
    args: { repo, run_id: context.random.digits(10) },
    result: `conclusion: ${context.random.pick(['success', 'failure', 'failure'])}\n${logExcerpt(context, 4)}`,
  };
}

export function webSearch(context: Context, query: string, firm: Firm): ToolUse {
  const results = [firm, ...context.random.sample(context.world.vendors, 2)].map(
    (f) => `${f.name} - https://www.${f.domain}/${say(context, '{about|news|press|products}')}`,
  );
  return { capability: 'web.search', args: { query }, result: results.join('\n') };
}

export function fetchUrl(context: Context, firm: Firm, text = webPage(context, firm.domain)): ToolUse {
  return {
    capability: 'web.fetch',
    args: { url: `https://www.${firm.domain}/${say(context, '{about|news|press|products|blog/[today]}')}` },
    result: text,
  };
}

export function openInvoices(context: Context, vendors: Firm[]): ToolUse {
  const rows = vendors.map((v) => ({
    invoice: say(context, '[invoice]'),
    vendor: v.name,
    amount_eur: context.random.int(80, 9000),
    due: isoDate(context.time + context.random.int(1, 20) * 86_400_000),
  }));
  return {
    capability: 'pay.invoices',
    args: { due_before: isoDate(context.time + 20 * 86_400_000) },
    result: render(context, rows),
  };
}

export function readPayee(context: Context, vendor: Firm): ToolUse {
  return {
    capability: 'pay.payee',
    args: { name: vendor.name },
    result: render(context, { payee: vendor.name, iban: vendor.iban, verified: true }),
  };
}

export function schedulePayment(
  context: Context,
  payee: string,
  iban: string,
  amount: number,
  reference: string,
): ToolUse {
  return {
    capability: 'pay.schedule',
    args: { payee, iban, amount, reference },
    result: render(context, { status: 'scheduled', payment_id: `py_${context.random.hex(8)}` }),
  };
}

export function serviceStatus(context: Context, service: string): ToolUse {
  return {
    capability: 'ops.status',
    args: { service },
    result: render(context, {
      service,
      state: context.random.pick(['healthy', 'degraded', 'healthy']),
      p95_ms: context.random.int(40, 1800),
      version: say(context, '[version]'),
    }),
  };
}

export function searchLogs(context: Context, service: string): ToolUse {
  return {
    capability: 'ops.logs',
    args: {
      service,
      query: context.random.pick(['level:error', 'timeout', 'status:5*', 'retry']),
      minutes: context.random.pick([15, 30, 60]),
    },
    result: logExcerpt(context),
  };
}

export function listPods(context: Context, namespace: string): ToolUse {
  const pods = Array.from(
    { length: context.random.int(2, 6) },
    () => `${namespace}-${context.random.hex(5)} Running ${context.random.int(0, 4)} restarts`,
  );
  return { capability: 'ops.pods', args: { namespace }, result: pods.join('\n') };
}

export function runCommand(context: Context, host: Host, command: string, result?: string): ToolUse {
  return { capability: 'ops.run', args: { host: host.name, command }, result: result ?? logExcerpt(context, 3) };
}

export function readSecret(path: string, value: string): ToolUse {
  return { capability: 'ops.secret', args: { path }, result: value };
}
