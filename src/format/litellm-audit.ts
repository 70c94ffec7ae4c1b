/**
 * LiteLLM `StandardAuditLogPayload`: changes of keys, teams, users and models, the place to learn a key's age and end.
 *
 * Identity: principal is `changed_by`, credential the hash in `changed_by_api_key` (hex as it is, a raw key hashed). The object of a key
 * change is the key's credential form. What a change grants is told from models, permissions and role before and after. `before_value` and
 * `updated_values` are JSON text or objects; from them only the times, scopes, owner and whether it is blocked are taken, never a key. The
 * spelling of fields inside them follows the proxy's key table and is unverified.
 */
import type { Change, Event } from '../model/event.ts';
import { type Context, eventTime, type Format, makeEvent } from './contract.ts';
import { credentialOf, credentialOfHash, firstIdent, ident } from './identity.ts';
import { tryJson } from './parse.ts';
import { arr, isObj, type Obj, obj, str } from './read.ts';
import { recordId } from './record-id.ts';
import { timeOf } from './time.ts';

const KINDS: Readonly<Record<string, string>> = {
  LiteLLM_VerificationToken: 'key',
  LiteLLM_TeamTable: 'team',
  LiteLLM_UserTable: 'user',
  LiteLLM_ProxyModelTable: 'model',
  LiteLLM_OrganizationTable: 'organization',
};

export const litellmAudit: Format = {
  id: 'litellm-audit',
  family: 'litellm',
  kind: 'json',
  recognise: (unit) =>
    typeof unit.action === 'string' &&
    typeof unit.table_name === 'string' &&
    (unit.object_id !== undefined || unit.updated_values !== undefined),
  toEvents: (unit, context) => [read(unit, context)],
};

function read(unit: Obj, context: Context): Event {
  const before = values(unit.before_value, context);
  const after = values(unit.updated_values, context);
  const table = str(unit.table_name) ?? '';
  const kind = (Object.hasOwn(KINDS, table) ? KINDS[table] : ident(table)) ?? 'unknown';
  const object = kind === 'key' ? keyCredential(unit.object_id ?? after.token ?? before.token) : ident(unit.object_id);
  const change: Change = { action: actionOf(unit, before, after), kind, object: object ?? 'unknown' };
  const created = timeOf(after.created_at) ?? timeOf(before.created_at);
  if (created !== undefined) change.created = created;
  const expires = 'expires' in after ? after.expires : before.expires;
  if (expires === null) change.expires = null;
  else if (timeOf(expires) !== undefined) change.expires = timeOf(expires) as number;
  const granted = grantedBy(before, after);
  if (granted.length > 0) change.granted = granted;
  const scopes = arr(after.models ?? before.models).flatMap((model) => ident(model) ?? []);
  return makeEvent('litellm-audit', context, {
    id: ident(unit.id) ?? recordId(unit),
    time: eventTime(context, timeOf(unit.updated_at)),
    operation: 'admin',
    principal: firstIdent(unit.changed_by),
    credential: keyCredential(unit.changed_by_api_key),
    team: firstIdent(after.team_id, before.team_id),
    scopes: scopes.length > 0 ? scopes.slice(0, 100) : undefined,
    change,
    status: 'ok',
    input: [],
    output: [],
    tools: [],
  });
}

/** An update that does nothing but close or open the object for use is called what it does, whatever verb the entry has. */
function actionOf(unit: Obj, before: Obj, after: Obj): string {
  const action = ident(unit.action) ?? 'unknown';
  if (action.toLowerCase() !== 'updated') return action;
  if (after.blocked === true && before.blocked !== true) return 'blocked';
  return after.blocked === false && before.blocked === true ? 'unblocked' : action;
}

const MAX_GRANTED = 32;
/** Fields in which the key table holds rights beside the models: lists of names, by kind. */
const RIGHTS = ['permissions', 'object_permission'] as const;

/**
 * What the change allows beyond what was allowed before, where the entry holds both states. For the proxy a list of models without any
 * means all of them.
 */
function grantedBy(before: Obj, after: Obj): string[] {
  const granted: string[] = [];
  if (Array.isArray(before.models) && Array.isArray(after.models) && before.models.length > 0) {
    const had = new Set(before.models);
    const added = after.models.filter((model) => !had.has(model)).flatMap((model) => ident(model) ?? []);
    granted.push(...(after.models.length === 0 ? ['*'] : added));
  }
  for (const field of RIGHTS)
    for (const [kind, names] of Object.entries(obj(after[field])))
      granted.push(...addedNames(obj(before[field])[kind], names));
  const role = ident(after.user_role);
  if (role !== undefined && ident(before.user_role) !== undefined && role !== ident(before.user_role))
    granted.push(role);
  return granted.slice(0, MAX_GRANTED);
}

function addedNames(before: unknown, after: unknown): string[] {
  if (!Array.isArray(before) || !Array.isArray(after)) return [];
  const had = new Set(before);
  return after.filter((name) => !had.has(name)).flatMap((name) => ident(name) ?? []);
}

function values(value: unknown, context: Context): Obj {
  if (isObj(value)) return value;
  const text = str(value);
  return text === undefined ? {} : obj(tryJson(text, context.budget, 'audit values'));
}

function keyCredential(value: unknown): string | undefined {
  const text = str(value);
  return text !== undefined && /^[0-9a-f]{64}$/i.test(text) ? credentialOfHash(text) : credentialOf(text);
}
