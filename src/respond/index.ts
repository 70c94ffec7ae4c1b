/** The response half put together: what the service opens, and what it closes. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config/schema.ts';
import type { Effects, Store } from '../ports.ts';
import { ACTION_FACTS, createActions } from './actions/index.ts';
import { AuditLog } from './audit.ts';
import { Guard } from './guard.ts';
import { createSend, type Send } from './http.ts';
import type { Playbook } from './playbook.ts';
import { loadPlaybooks } from './playbook-file.ts';
import { Responder } from './runner.ts';

/** Name of the audit log in the data folder. */
export const AUDIT_FILE = 'audit.ndjson';

export interface ResponseParts {
  config: Pick<Config, 'data' | 'respond'>;
  effects: Effects;
  store: Pick<Store, 'putResponse'>;
  /** The secret in a file of the configuration, without its trailing newline. */
  secret: (path: string) => Promise<string>;
  /** Epoch milliseconds; default the system's clock. */
  now?: () => number;
  send?: Send;
}

export interface Response {
  /** For `responseJobs` in the detect stage. */
  playbooks: Playbook[];
  /** `handle` is the worker of the queue `responses`. */
  responder: Responder;
  close(): Promise<void>;
}

/** The playbooks of the configuration; none when it names no folder. Rejects with `NJ_PLAYBOOK`. */
export async function configuredPlaybooks(config: Pick<Config, 'respond'>): Promise<Playbook[]> {
  return config.respond.playbooks === undefined ? [] : loadPlaybooks(config.respond.playbooks, ACTION_FACTS);
}

/** Rejects with `NJ_PLAYBOOK`, `NJ_CONFIG` or `NJ_INPUT` (audit log) before anything has happened. */
export async function openResponse(parts: ResponseParts): Promise<Response> {
  const { config, effects, store, secret, now = Date.now, send = createSend() } = parts;
  const playbooks = await configuredPlaybooks(config);
  const actions = await createActions({ config: config.respond, send, secret, now });
  const guard = new Guard({ policy: config.respond, facts: ACTION_FACTS, actions, effects, now });
  guard.require(playbooks);
  await mkdir(config.data, { recursive: true });
  const audit = await AuditLog.open(join(config.data, AUDIT_FILE), now);
  const responder = new Responder({ playbooks, guard, effects, store, audit, now });
  return { playbooks, responder, close: () => audit.close() };
}
