/** Reads a folder of playbooks: every fault of every file, with its line and field. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { describeError, NightjarError } from '../errors.ts';
import type { ActionFacts } from './guard.ts';
import { type Playbook, playbookSchema } from './playbook.ts';

interface Read {
  file: string;
  playbook: Playbook;
  /** Line of a path in the file, or of the nearest part of it that is there. */
  line: (path: PropertyKey[]) => number;
}

/**
 * Reads every `*.yaml` and `*.yml` of a folder, in the order of their names. Faults read `file:line: field: what is wrong`.
 * @returns the playbooks without a fault, and all faults; neither rejects nor stops at the first
 */
export async function readPlaybooks(
  folder: string,
  actions: readonly ActionFacts[],
): Promise<{ playbooks: Playbook[]; faults: string[] }> {
  const faults: string[] = [];
  const known = new Map(actions.map((action) => [action.id, action]));
  const firstUse = new Map<string, Read>();
  const playbooks: Playbook[] = [];
  for (const file of await playbookFiles(folder, faults)) {
    const read = await readOne(file, faults);
    if (!read) continue;
    const before = faults.length;
    const fault = (path: PropertyKey[], message: string): void => {
      faults.push(`${file}:${read.line(path)}: ${fieldName(path)}: ${message}`);
    };
    const twin = firstUse.get(read.playbook.id);
    if (twin) fault(['id'], `"${read.playbook.id}" is taken already by ${twin.file}:${twin.line(['id'])}`);
    else firstUse.set(read.playbook.id, read);
    for (const [i, step] of read.playbook.steps.entries()) {
      const action = known.get(step.action);
      if (!action) {
        fault(['steps', i, 'action'], `unknown action "${step.action}"; known: ${[...known.keys()].sort().join(', ')}`);
      } else if (!action.targets.includes(step.target)) {
        fault(
          ['steps', i, 'target'],
          `${step.action} cannot be aimed at ${step.target}; it takes ${action.targets.join(', ')}`,
        );
      }
    }
    if (faults.length === before) playbooks.push(read.playbook);
  }
  return { playbooks, faults };
}

/** As `readPlaybooks`, for the service: throws `NJ_PLAYBOOK` with one line per fault. */
export async function loadPlaybooks(folder: string, actions: readonly ActionFacts[]): Promise<Playbook[]> {
  const { playbooks, faults } = await readPlaybooks(folder, actions);
  if (faults.length > 0) throw new NightjarError('NJ_PLAYBOOK', faults.join('\n'));
  return playbooks;
}

async function playbookFiles(folder: string, faults: string[]): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    const names = entries
      .filter((entry) => !entry.isDirectory() && /\.ya?ml$/.test(entry.name))
      .map(({ name }) => name);
    return names.sort().map((name) => join(folder, name));
  } catch (error) {
    faults.push(`${folder}: the folder of playbooks cannot be read: ${describeError(error)}`);
    return [];
  }
}

async function readOne(file: string, faults: string[]): Promise<Read | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    faults.push(`${file}: cannot be read: ${describeError(error)}`);
    return undefined;
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  for (const error of document.errors) {
    faults.push(`${file}:${lines.linePos(error.pos[0]).line}: not valid YAML: ${error.message}`);
  }
  if (document.errors.length > 0) return undefined;
  const line = (path: PropertyKey[]): number => lines.linePos(offsetOf(document, path)).line || 1;
  let value: unknown;
  try {
    value = document.toJS();
  } catch (error) {
    // An expansion of aliases beyond the parser's limit shows only here.
    faults.push(`${file}:1: not valid YAML: ${describeError(error)}`);
    return undefined;
  }
  const result = playbookSchema.safeParse(value);
  if (result.success) return { file, playbook: result.data, line };
  for (const { path, message } of result.error.issues.flatMap(spread)) {
    faults.push(`${file}:${line(path)}: ${fieldName(path)}: ${message}`);
  }
  return undefined;
}

/** One fault per unknown key, each at its own line. */
function spread(issue: z.core.$ZodIssue): { path: PropertyKey[]; message: string }[] {
  if (issue.code !== 'unrecognized_keys') return [{ path: issue.path, message: issue.message }];
  return issue.keys.map((key) => ({ path: [...issue.path, key], message: 'unknown key' }));
}

/** Offset of the key (in a map) or item (in a list) that the path names, else of the nearest part above it. */
function offsetOf(document: Document, path: PropertyKey[]): number {
  for (let depth = path.length; depth > 0; depth--) {
    const parent = document.getIn(path.slice(0, depth - 1), true) ?? document.contents;
    const last = path[depth - 1];
    const pair = isMap(parent) ? parent.items.find(({ key }) => isScalar(key) && key.value === last) : undefined;
    const node = pair ? pair.key : document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return document.contents?.range?.[0] ?? 0;
}

/** `['steps', 0, 'action']` as `steps[0].action`. */
function fieldName(path: PropertyKey[]): string {
  const name = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return name.replace(/^\./, '') || 'playbook';
}
