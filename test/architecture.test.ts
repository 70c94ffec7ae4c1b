/** The house stands as it is drawn: imports go one way, stages do not know one another, clients stay in their adapters. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, it } from 'node:test';

const ROOT = join(import.meta.dirname, '..');

interface Import {
  file: string;
  /** Path from the root for a local file, else the package's name. */
  to: string;
  local: boolean;
}

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s[^;'"]*?from\s+'([^']+)'|(?:^|\n)import\s+'([^']+)'|\bimport\('([^']+)'\)/g;

function importsOf(folder: string): Import[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .flatMap((name) => {
      const file = join(folder, name);
      const text = readFileSync(join(ROOT, file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
      return [...text.matchAll(IMPORT)].map((match) => {
        const target = match[1] ?? match[2] ?? match[3] ?? '';
        const local = target.startsWith('.');
        return { file, to: local ? relative(ROOT, join(ROOT, dirname(file), target)) : packageOf(target), local };
      });
    });
}

function packageOf(target: string): string {
  return target.split('/', target.startsWith('@') ? 2 : 1).join('/');
}

/** `src/scan/words.ts` → `scan`; `src/app.ts` → `app`. */
const partOf = (file: string) => (file.split('/')[1] ?? '').replace(/\.ts$/, '');

const STAGES = ['source', 'format', 'enrich', 'scan', 'detect', 'correlate', 'deliver', 'respond'];
const BASE = ['model', 'errors', 'ports', 'config', 'observe', 'stream', 'package'];
/** What a part may import beside itself. Parts that put others together are not listed: only `app` and what is above may not be imported by them. */
const MAY: Record<string, string[]> = {
  model: [],
  errors: [],
  package: [],
  stream: [],
  ports: ['model', 'errors'],
  config: ['model', 'ports', 'errors', 'package'],
  observe: ['model', 'ports', 'errors', 'package', 'config'],
  simulate: ['model', 'errors', 'ports'],
  ...Object.fromEntries(STAGES.map((stage) => [stage, BASE])),
};
/** Package → where it may be imported. */
const CLIENTS: Record<string, string> = {
  kafkajs: 'src/source/kafka',
  snappyjs: 'src/source/kafka/',
  'lz4-napi': 'src/source/kafka/',
  fzstd: 'src/source/kafka/',
  bullmq: 'src/deliver/queues/',
  ioredis: 'src/deliver/queues/',
  pg: 'src/deliver/queues/',
  '@electric-sql/pglite': 'src/deliver/embedded/',
  '@elastic/elasticsearch': 'src/deliver/elasticsearch/',
  fastify: 'src/source/http',
  pino: 'src/observe/',
  'prom-client': 'src/observe/',
  commander: 'src/',
};

const src = importsOf('src');

describe('architecture', () => {
  it('sees the imports', () => {
    assert.ok(src.length > 300);
    assert.deepEqual(
      src.filter(({ to, local }) => local && !existsSync(join(ROOT, to))),
      [],
    );
  });

  it('imports go one way', () => {
    const wrong = src.filter(({ file, to, local }) => {
      const [from, target] = [partOf(file), partOf(to)];
      return local && from !== target && MAY[from] !== undefined && !(MAY[from] as string[]).includes(target);
    });
    assert.deepEqual(
      wrong.map(({ file, to }) => `${file} → ${to}`),
      [],
    );
  });

  it('nothing but the commands imports the composition root, and nothing the entry', () => {
    const above = src.filter(
      ({ file, to }) => (to === 'src/app.ts' && !['commands', 'main'].includes(partOf(file))) || to === 'src/main.ts',
    );
    assert.deepEqual(above, []);
  });

  it('a client library is imported by its adapter alone', () => {
    const strays = src.filter(
      ({ file, to, local }) => !local && CLIENTS[to] !== undefined && !file.startsWith(CLIENTS[to]),
    );
    assert.deepEqual(
      strays.map(({ file, to }) => `${file} → ${to}`),
      [],
    );
  });

  it('every package is declared', () => {
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const foreign = new Set(
      [...src, ...importsOf('detectors')]
        .filter(({ to, local }) => !local && !to.startsWith('node:'))
        .map(({ to }) => to),
    );
    assert.deepEqual(
      [...foreign].filter((name) => dependencies[name] === undefined),
      [],
    );
  });

  it('a detector imports the contract, parts, the model and its own folder', () => {
    const wrong = importsOf('detectors').filter(({ file, to, local }) => {
      const own = file.split('/').slice(0, 2).join('/');
      if (!local) return to !== 'zod';
      return !(
        to === 'src/detect/contract.ts' ||
        /^src\/(?:detect\/parts|model)\//.test(to) ||
        to.startsWith(`${own}/`)
      );
    });
    assert.deepEqual(
      wrong.map(({ file, to }) => `${file} → ${to}`),
      [],
    );
  });

  it('what detects has no clock, no randomness and no I/O', () => {
    const forbidden =
      /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bperformance\b|\bsetTimeout\b|from 'node:(?!zlib|crypto)/;
    const pure = ['src/stream', 'src/correlate', 'src/detect/parts', 'src/scan'].flatMap((folder) =>
      readdirSync(join(ROOT, folder))
        .filter((name) => name.endsWith('.ts'))
        .map((name) => join(folder, name)),
    );
    const detectors = readdirSync(join(ROOT, 'detectors'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join('detectors', name));
    const files = [...pure, ...detectors, 'src/engine.ts', 'src/detect/detection.ts'];
    const wrong = files.filter((file) => {
      // `isIP`, `domainToUnicode` and their kin look at text; nothing is opened.
      const text = readFileSync(join(ROOT, file), 'utf8').replace(/from 'node:(?:net|url)'/g, '');
      return forbidden.test(text);
    });
    assert.deepEqual(wrong, []);
  });
});
