/** Index templates: installs those that ship as JSON in `deploy/elasticsearch`, where people can also read and apply them by hand. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client } from '@elastic/elasticsearch';
import { NightjarError } from '../../errors.ts';

export const TEMPLATES = ['nightjar-alerts', 'nightjar-incidents', 'nightjar-responses'] as const;

interface TemplateFile {
  version: number;
  index_patterns: string[];
  [part: string]: unknown;
}

/**
 * Installs each template that is missing or older than ours; a newer one (of a newer Nightjar) stays.
 * @returns what was changed, a line each; empty when nothing was
 */
export async function installTemplates(client: Client): Promise<string[]> {
  const changes: string[] = [];
  for (const name of TEMPLATES) {
    const ours = await readTemplate(name);
    const theirs = await installedVersion(client, name);
    if (theirs !== undefined && theirs >= ours.version) continue;
    await client.indices.putIndexTemplate({ name, ...ours });
    changes.push(
      theirs === undefined
        ? `created index template ${name} (version ${ours.version})`
        : `updated index template ${name} from version ${theirs} to ${ours.version}`,
    );
  }
  return changes;
}

/** Undefined when there is none; 0 when it carries no version. */
async function installedVersion(client: Client, name: string): Promise<number | undefined> {
  const found = await client.indices.getIndexTemplate({ name }, { ignore: [404] });
  const template = found.index_templates?.[0]?.index_template;
  return template ? (template.version ?? 0) : undefined;
}

async function readTemplate(name: string): Promise<TemplateFile> {
  return JSON.parse(await readFile(join(templateFolder(), `${name}.json`), 'utf8')) as TemplateFile;
}

/** `deploy/elasticsearch` of the package, found upwards from here: the depth differs between a checkout and `dist`. */
function templateFolder(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const candidate = join(folder, 'deploy', 'elasticsearch');
    if (existsSync(join(candidate, `${TEMPLATES[0]}.json`))) return candidate;
    if (folder === dirname(folder)) {
      throw new NightjarError('NJ_INTERNAL', 'the folder deploy/elasticsearch is missing from this installation', {
        hint: 'install Nightjar again',
      });
    }
  }
}
