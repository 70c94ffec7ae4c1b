/** The tools that agents have: what each is for, its arguments, and how three different integrations name it. */

export interface Capability {
  name: string;
  description: string;
  args: Record<string, string>;
}

/** Keyed by `domain.verb`. */
export const CAPABILITIES: Record<string, Capability> = {
  'mail.search': {
    name: 'search_emails',
    description: 'Search the mailbox.',
    args: { query: 'string', limit: 'integer' },
  },
  'mail.read': { name: 'read_email', description: 'Read one e-mail with its body.', args: { message_id: 'string' } },
  'mail.send': {
    name: 'send_email',
    description: 'Send an e-mail.',
    args: { to: 'string', subject: 'string', body: 'string' },
  },
  'mail.forward': {
    name: 'forward_email',
    description: 'Forward an e-mail.',
    args: { message_id: 'string', to: 'string' },
  },
  'calendar.list': {
    name: 'list_events',
    description: 'List calendar events between two dates.',
    args: { start: 'string', end: 'string' },
  },
  'calendar.create': {
    name: 'create_event',
    description: 'Create a calendar event and invite people.',
    args: { title: 'string', start: 'string', attendees: 'array' },
  },
  'calendar.free': {
    name: 'find_free_time',
    description: 'Find a free slot for several people.',
    args: { attendees: 'array', minutes: 'integer' },
  },
  'wiki.search': { name: 'search_wiki', description: 'Search the company wiki.', args: { query: 'string' } },
  'wiki.read': { name: 'read_page', description: 'Read a wiki page.', args: { page_id: 'string' } },
  'wiki.write': {
    name: 'update_page',
    description: 'Change a wiki page.',
    args: { page_id: 'string', body: 'string' },
  },
  'ticket.list': {
    name: 'list_tickets',
    description: 'List tickets of a queue.',
    args: { queue: 'string', status: 'string' },
  },
  'ticket.read': { name: 'get_ticket', description: 'Read a ticket with its comments.', args: { ticket_id: 'string' } },
  'ticket.reply': {
    name: 'reply_to_ticket',
    description: 'Answer the customer on a ticket.',
    args: { ticket_id: 'string', body: 'string' },
  },
  'ticket.update': {
    name: 'update_ticket',
    description: 'Change fields of a ticket.',
    args: { ticket_id: 'string', status: 'string', priority: 'string' },
  },
  'ticket.create': {
    name: 'create_ticket',
    description: 'Open a ticket.',
    args: { title: 'string', body: 'string', queue: 'string' },
  },
  'crm.search': { name: 'search_accounts', description: 'Find customer accounts.', args: { query: 'string' } },
  'crm.read': {
    name: 'get_account',
    description: 'Read one customer account with contacts.',
    args: { account_id: 'string' },
  },
  'crm.note': {
    name: 'add_account_note',
    description: 'Add a note to an account.',
    args: { account_id: 'string', text: 'string' },
  },
  'crm.export': {
    name: 'export_accounts',
    description: 'Export accounts of a segment.',
    args: { segment: 'string', format: 'string' },
  },
  'sql.tables': { name: 'list_tables', description: 'List tables of the warehouse.', args: {} },
  'sql.describe': { name: 'describe_table', description: 'Columns of a table.', args: { table: 'string' } },
  'sql.query': { name: 'run_query', description: 'Run a read-only SQL query.', args: { sql: 'string' } },
  'files.list': { name: 'list_files', description: 'List files of a folder.', args: { folder: 'string' } },
  'files.read': { name: 'read_file', description: 'Read a document.', args: { path: 'string' } },
  'files.write': { name: 'write_file', description: 'Write a document.', args: { path: 'string', content: 'string' } },
  'files.share': {
    name: 'share_file',
    description: 'Give a person access to a document.',
    args: { path: 'string', email: 'string', role: 'string' },
  },
  'git.search': {
    name: 'search_code',
    description: 'Search code in a repository.',
    args: { repo: 'string', query: 'string' },
  },
  'git.read': {
    name: 'get_file_contents',
    description: 'Read a file of a repository.',
    args: { repo: 'string', path: 'string' },
  },
  'git.diff': {
    name: 'get_pull_request_diff',
    description: 'Diff of a pull request.',
    args: { repo: 'string', number: 'integer' },
  },
  'git.comment': {
    name: 'comment_pull_request',
    description: 'Comment on a pull request.',
    args: { repo: 'string', number: 'integer', body: 'string' },
  },
  'git.ci': {
    name: 'get_ci_run',
    description: 'State and log tail of a CI run.',
    args: { repo: 'string', run_id: 'string' },
  },
  'git.invite': {
    name: 'add_collaborator',
    description: 'Give an account access to a repository.',
    args: { repo: 'string', login: 'string' },
  },
  'web.search': { name: 'web_search', description: 'Search the web.', args: { query: 'string' } },
  'web.fetch': { name: 'fetch_url', description: 'Fetch a web page as text.', args: { url: 'string' } },
  'web.post': { name: 'http_post', description: 'Send a POST request.', args: { url: 'string', body: 'string' } },
  'pay.invoices': {
    name: 'list_open_invoices',
    description: 'Open invoices of vendors.',
    args: { due_before: 'string' },
  },
  'pay.payee': { name: 'get_payee', description: 'Stored payee with account number.', args: { name: 'string' } },
  'pay.schedule': {
    name: 'schedule_payment',
    description: 'Schedule a bank transfer.',
    args: { payee: 'string', iban: 'string', amount: 'number', reference: 'string' },
  },
  'pay.balance': { name: 'get_balance', description: 'Balance of an account.', args: { account: 'string' } },
  'chat.read': {
    name: 'read_channel',
    description: 'Latest messages of a channel.',
    args: { channel: 'string', limit: 'integer' },
  },
  'chat.post': { name: 'post_message', description: 'Post to a channel.', args: { channel: 'string', text: 'string' } },
  'chat.invite': {
    name: 'invite_to_channel',
    description: 'Invite a person to a channel.',
    args: { channel: 'string', email: 'string' },
  },
  'hr.find': { name: 'find_employee', description: 'Look up an employee.', args: { name: 'string' } },
  'hr.leave': { name: 'get_leave_balance', description: 'Leave days of an employee.', args: { employee_id: 'string' } },
  'hr.file': {
    name: 'get_personnel_file',
    description: 'Personnel file of an employee.',
    args: { employee_id: 'string' },
  },
  'ops.status': { name: 'service_status', description: 'Health of a service.', args: { service: 'string' } },
  'ops.logs': {
    name: 'search_logs',
    description: 'Search logs of a service.',
    args: { service: 'string', query: 'string', minutes: 'integer' },
  },
  'ops.run': {
    name: 'run_command',
    description: 'Run a command on a host.',
    args: { host: 'string', command: 'string' },
  },
  'ops.secret': { name: 'read_secret', description: 'Read a secret from the vault.', args: { path: 'string' } },
  'ops.pods': { name: 'list_pods', description: 'Pods of a namespace.', args: { namespace: 'string' } },
  'ops.scale': {
    name: 'scale_deployment',
    description: 'Change the number of replicas.',
    args: { namespace: 'string', deployment: 'string', replicas: 'integer' },
  },
  'store.buckets': { name: 'list_buckets', description: 'List object storage buckets.', args: {} },
  'store.get': {
    name: 'get_object',
    description: 'Read an object from storage.',
    args: { bucket: 'string', key: 'string' },
  },
  'store.put': {
    name: 'put_object',
    description: 'Write an object to storage.',
    args: { bucket: 'string', key: 'string', body: 'string' },
  },
  'memory.save': {
    name: 'remember',
    description: 'Keep a note for later conversations.',
    args: { topic: 'string', note: 'string' },
  },
  'memory.recall': { name: 'recall', description: 'Notes kept on a topic.', args: { topic: 'string' } },
  'iam.users': { name: 'list_users', description: 'Accounts of the identity provider.', args: { group: 'string' } },
  'iam.grant': {
    name: 'grant_role',
    description: 'Give a role to an account.',
    args: { user: 'string', role: 'string' },
  },
};

export type Dialect = 'plain' | 'camel' | 'product';

/** A definition that differs from the catalogue's, or (with a `name`) one more tool beside it. */
export interface ToolPatch {
  capability: string;
  name?: string;
  description?: string;
  /** Added to the arguments that the tool has. */
  args?: Record<string, string>;
}

const PRODUCT: Record<string, string> = {
  mail: 'outlook',
  calendar: 'outlook',
  wiki: 'confluence',
  ticket: 'zendesk',
  crm: 'hubspot',
  sql: 'snowflake',
  files: 'drive',
  git: 'github',
  web: 'browser',
  pay: 'netsuite',
  chat: 'slack',
  hr: 'bamboo',
  ops: 'ops',
  store: 's3',
  iam: 'okta',
  memory: 'notes',
};

export function camel(text: string): string {
  return text.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** Name of a capability in a dialect: `send_email`, `sendEmail`, `outlook_send_email`. */
export function toolName(capability: string, dialect: Dialect): string {
  const entry = CAPABILITIES[capability];
  if (entry === undefined) throw new RangeError(`no capability "${capability}"`);
  if (dialect === 'camel') return camel(entry.name);
  return dialect === 'plain' ? entry.name : `${PRODUCT[capability.split('.')[0] as string]}_${entry.name}`;
}

/** Definition as it is offered to the model. */
export function toolDefinition(capability: string, dialect: Dialect, patch?: ToolPatch): object {
  const entry = CAPABILITIES[capability] as Capability;
  const properties: Record<string, object> = {};
  for (const [name, type] of Object.entries({ ...entry.args, ...patch?.args })) {
    properties[dialect === 'camel' ? camel(name) : name] =
      type === 'array' ? { type, items: { type: 'string' } } : { type };
  }
  return {
    type: 'function',
    function: {
      name: patch?.name ?? toolName(capability, dialect),
      description: patch?.description ?? entry.description,
      parameters: { type: 'object', properties, required: Object.keys(properties).slice(0, 2) },
    },
  };
}

/** What a session is offered: its capabilities, changed and joined by the patches. */
export function toolDefinitions(
  capabilities: readonly string[],
  dialect: Dialect,
  patches: readonly ToolPatch[] = [],
): object[] {
  const changed = new Map(patches.filter((p) => p.name === undefined).map((p) => [p.capability, p]));
  return [
    ...capabilities.map((capability) => toolDefinition(capability, dialect, changed.get(capability))),
    ...patches.filter((p) => p.name !== undefined).map((p) => toolDefinition(p.capability, dialect, p)),
  ];
}
