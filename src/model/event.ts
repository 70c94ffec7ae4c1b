/** The Event: one LLM call, tool call or MCP message, whatever wire format it came in. Holds text; never leaves `scan`. */

export type Role = 'system' | 'user' | 'assistant' | 'tool';

/** A tool call as the model asked for it. `arguments` is the JSON text as logged ("" when the log has none). */
export interface ToolCall {
  id: string;
  name: string;
  /** MCP server or namespace, where the log names one. */
  server?: string;
  arguments: string;
}

export interface Message {
  role: Role;
  /** All text parts joined by a newline; "" when the message has none. */
  text: string;
  toolCalls?: ToolCall[];
  /** For role `tool`: the call that this answers, and the tool's name where the log repeats it. */
  toolCallId?: string;
  toolName?: string;
  /** For role `tool`: the log marks the result as a failure. */
  error?: true;
  /** Parts that are not text (images, documents): counted, never read. */
  attachments?: number;
}

export interface ToolDefinition {
  name: string;
  description?: string;
  /** JSON text of the parameter schema. */
  parameters?: string;
}

/**
 * What kind of thing happened.
 * `chat` a model call · `embeddings` · `tool` one executed tool call (span, MCP) · `access` a request seen only by an access log ·
 * `admin` a change of keys or configuration.
 */
export type Operation = 'chat' | 'embeddings' | 'tool' | 'access' | 'admin';

/** `denied` means refused for want of a right (401, 403, guardrail, revoked key); any other failure is `error`. */
export type Status = 'ok' | 'error' | 'denied';

export const PRINCIPAL_KINDS = ['person', 'service', 'agent', 'shared'] as const;
/** What a principal is, as an inventory says: `shared` is one name that several people use. */
export type PrincipalKind = (typeof PRINCIPAL_KINDS)[number];

export const NETWORK_KINDS = ['office', 'vpn', 'datacenter', 'cloud', 'partner', 'other'] as const;
/** What a network is, as an inventory says. */
export type NetworkKind = (typeof NETWORK_KINDS)[number];

/** Where an address is, as far as a database of addresses tells. */
export interface Place {
  /** ISO 3166-1 alpha-2. */
  country?: string;
  /** Number of the autonomous system that announces it. */
  asn?: number;
  /** Latitude and longitude in degrees. */
  at?: [number, number];
}

/** One change of a key or of configuration. */
export interface Change {
  /** Past tense as the audit log has it: `created`, `updated`, `deleted`, `blocked`, `rotated`. */
  action: string;
  /** What kind of object: `key`, `team`, `user`, `model`, `tool`, … */
  kind: string;
  /** Id of the object; for a key its credential form `sha256:…`. */
  object: string;
  /** Epoch milliseconds at which the object was made or ends, where the log tells; `expires` null means never. */
  created?: number;
  expires?: number | null;
  /** Rights that the change added, as the audit log names them (`*` for all); absent where the log does not tell both states. */
  granted?: string[];
}

/**
 * One call. Names follow OpenTelemetry GenAI and ECS where they have one; the comment gives it.
 * Fields that the log does not hold are absent: a format never invents identity.
 */
export interface Event {
  /** The source's own id (LiteLLM `id`, span id, …), else `rec-` and a hash of the record. `event.id` */
  id: string;
  /** Event time in epoch milliseconds: when the call ended, else started, else the record's own time. `@timestamp` */
  time: number;
  operation: Operation;
  /** Format that decoded it, for example `litellm`. `event.dataset` */
  format: string;
  /** Tenant; `default` unless the config maps it. `organization.id` */
  tenant: string;
  /** Who called: user, service account or end user. `user.id` */
  principal?: string;
  /** From the inventory of principals. */
  principalKind?: PrincipalKind;
  /**
   * `sha256:` and hex of the key used, never the key. Where the log names the key by an id of its own instead, that id with the system's
   * name (`kong:<id>`), or the caller's `arn:…`.
   */
  credential?: string;
  /**
   * What kind of key it was, where the log tells: `master` the gateway's own · `static` one without an end, such as an access key ·
   * `temporary` one that expires by itself.
   */
  credentialKind?: 'master' | 'static' | 'temporary';
  /** Rights that the credential was granted, where the log or an inventory tells. */
  scopes?: string[];
  /** From the inventory of credentials: who answers for the key, when it was made and when it ends (epoch milliseconds; null: never). */
  credentialOwner?: string;
  credentialCreated?: number;
  credentialExpires?: number | null;
  /** Conversation. `gen_ai.conversation.id` */
  session?: string;
  /** Session or span of the caller that delegated to this one. */
  parent?: string;
  /** Trace that groups calls, also across processes; no substitute for a session. `trace.id` */
  trace?: string;
  /** `gen_ai.agent.name` (else id, else service name) and version. */
  agent?: string;
  agentVersion?: string;
  team?: string;
  /** Host that served the model or tool, for example `llm.example.com`. `server.address` */
  endpoint?: string;
  /** Path of the request at the gateway. `url.path` */
  route?: string;
  /** `client.address`, `user_agent.original` */
  clientAddress?: string;
  userAgent?: string;
  /** From the inventory of networks: name and kind of the range that the client address lies in. */
  network?: string;
  networkKind?: NetworkKind;
  /** From the inventory's databases of addresses. `client.geo`, `client.as` */
  place?: Place;
  /** `gen_ai.provider.name`, `gen_ai.response.model` (else the requested one) */
  provider?: string;
  model?: string;
  status: Status;
  /** Low-cardinality class of the failure. `error.type` */
  errorType?: string;
  httpStatus?: number;
  /** What a guardrail in front of the model did: let it pass with a mark, or stopped it (then status is `denied`). */
  guardrail?: 'flagged' | 'blocked';
  /** What a guardrail says of its own work, where the log tells: its verdict, and how many characters it read. */
  guardrailScan?: { passed: boolean; characters?: number };
  /** For operation `admin`: what was changed. */
  change?: Change;
  inputTokens?: number;
  outputTokens?: number;
  costUsd?: number;
  durationMs?: number;
  /** The answer was streamed. */
  stream?: boolean;
  /** Prompt and history in order, system message first. */
  input: Message[];
  /** The answer; for operation `tool` the call (assistant) and its result (tool). */
  output: Message[];
  /** Tools offered to the model in this call. */
  tools: ToolDefinition[];
}
