/** What a gateway may log, before wire form: a model call, a change made by an administrator, a request seen at the edge. */
import type { Failure } from './script.ts';

export interface ChatMessage {
  role: 'system' | 'user' | 'assistant' | 'tool';
  content: string | null;
  tool_calls?: { id: string; type: 'function'; function: { name: string; arguments: string } }[];
  tool_call_id?: string;
  name?: string;
}

/** Who calls: the key's owner as the gateway knows it, the end user that a service names, and where the call comes from. */
export interface Caller {
  /** The key itself; null when the call came without one. */
  key: string | null;
  keyHash: string | null;
  keyAlias: string | null;
  userId: string | null;
  email: string | null;
  team: string | null;
  endUser: string | null;
  address: string;
  userAgent: string;
  agent?: { name: string; version: string };
}

/** How the gateway handles and logs the calls of a session, where that is not as usual. */
export interface Handling {
  route?: string;
  stream?: boolean;
  /** Which replica of the gateway served it. */
  replica?: string;
  /** The log has no content. */
  silent?: boolean;
  /** No guardrail looked at it. */
  unguarded?: boolean;
}

export interface Call {
  kind: 'call';
  id: string;
  spanId: string;
  callId: string;
  traceId: string;
  /** "" when the client names no conversation. */
  session: string;
  /** Session that delegated to this one. */
  parent?: string;
  /** Epoch milliseconds. */
  start: number;
  end: number;
  caller: Caller;
  model: string;
  messages: ChatMessage[];
  reply?: ChatMessage;
  failure?: Failure;
  tools: object[];
  maxTokens?: number;
  promptTokens: number;
  completionTokens: number;
  handling: Handling;
}

/** A change of a key, team or model, as the gateway's audit log has it. */
export interface Change {
  kind: 'change';
  id: string;
  end: number;
  action: 'created' | 'updated' | 'deleted' | 'blocked' | 'rotated';
  table: 'LiteLLM_VerificationToken' | 'LiteLLM_TeamTable' | 'LiteLLM_ProxyModelTable' | 'LiteLLM_UserTable';
  object: string;
  by: string;
  byKeyHash: string;
  before: Record<string, unknown>;
  after: Record<string, unknown>;
}

/** A request at the edge before the self-hosted model servers: path and outcome, no content. */
export interface Request {
  kind: 'request';
  id: string;
  start: number;
  end: number;
  address: string;
  method: 'GET' | 'POST' | 'HEAD';
  path: string;
  status: number;
  userAgent: string;
  /** Name of a known client; absent for strangers. */
  consumer?: string;
}

export type Fact = Call | Change | Request;
