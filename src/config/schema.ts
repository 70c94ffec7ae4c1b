/** The configuration: every field, its default and its meaning. The whole program is configured by this one shape. */
import { z } from 'zod';
import { kafkaSchema } from './kafka.ts';
import { secretFile } from './secret-file.ts';

const http = z.strictObject({
  host: z.string().default('127.0.0.1'),
  port: z.number().int().min(0).max(65_535).default(4620).describe('0 takes a free port'),
  tokenFile: secretFile.optional().describe('bearer token; without it one is made in the data folder on first start'),
  maxBodyBytes: z
    .number()
    .int()
    .positive()
    .default(8 * 1024 * 1024),
});

const elasticsearch = z.strictObject({
  node: z.url(),
  apiKeyFile: secretFile.optional(),
  username: z.string().optional(),
  passwordFile: secretFile.optional(),
  caFile: z.string().optional(),
  namespace: z
    .string()
    .regex(/^[a-z0-9_.]+$/, 'lower-case letters, digits, _ and . only')
    .default('default')
    .describe('last part of index names: nightjar-alerts-<namespace>'),
});

const slack = z.strictObject({
  channel: z.string(),
  tokenFile: secretFile,
  apiUrl: z.url().default('https://slack.com/api/'),
  minSeverity: z.enum(['low', 'medium', 'high', 'critical']).default('medium'),
});

const pagerduty = z.strictObject({
  routingKeyFile: secretFile,
  url: z.url().default('https://events.pagerduty.com/v2/enqueue'),
  minSeverity: z.enum(['low', 'medium', 'high', 'critical']).default('high'),
});

const inventoryFile = z.string().optional();

const inventory = z
  .strictObject({
    credentialsFile: inventoryFile.describe('keys: owner, created, expires, scopes'),
    toolsFile: inventoryFile.describe('tools: what they do, in place of what their names suggest'),
    networksFile: inventoryFile.describe('address ranges: name and kind'),
    principalsFile: inventoryFile.describe('users and service accounts: team and kind'),
    geoFile: inventoryFile.describe('where addresses are: a database of countries or cities in MaxMind format (.mmdb)'),
    asnFile: inventoryFile.describe('whose addresses they are: a database of autonomous systems (.mmdb)'),
  })
  .describe('what you know beyond the log (YAML or JSON, and .mmdb); read again when a file changes');

const expression = z.string().min(1).max(1_000).describe('JMESPath expression');

const customFormat = z
  .strictObject({
    match: expression.describe('true for the records that are of this format'),
    fields: z
      .strictObject({
        id: expression,
        time: expression,
        principal: expression,
        credential: expression.describe('a key, which is hashed, or sha256: and the hex of its hash'),
        session: expression,
        agent: expression,
        endpoint: expression,
        clientAddress: expression,
        model: expression,
        provider: expression,
        status: expression.describe('ok, error, denied or a word for it, an HTTP status, or true and false'),
        inputTokens: expression,
        outputTokens: expression,
        costUsd: expression,
        messages: expression.describe('prompt and history'),
        output: expression.describe('the answer: text, messages, or a response body of a known provider'),
        toolCalls: expression.describe('list of {id, name, arguments, server}'),
      })
      .partial(),
  })
  .describe('a format of your own, taken before the built-in ones');

export const configSchema = z.strictObject({
  tenant: z.string().min(1).default('default'),
  data: z
    .string()
    .default('.nightjar')
    .describe('folder of the embedded database, the fingerprint key and the intake token'),
  source: z
    .strictObject({ kafka: kafkaSchema.optional(), http: http.optional() })
    .default({})
    .refine((source) => !(source.kafka && source.http), 'choose kafka or http, not both')
    .describe('one source; without any, the HTTP intake with its defaults'),
  formats: z
    .record(z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'lower-case letters, digits and - only'), customFormat)
    .default({}),
  inventory: inventory.default({}),
  trustedProxies: z
    .union([z.number().int().min(0).max(16), z.array(z.string()).max(1_000)])
    .default(0)
    .describe(
      'proxies before the writer of the log whose X-Forwarded-For is believed: how many there are, or better the ranges of their addresses. Default none: the client is whoever connected. A number is right only where nobody can reach the writer of the log around the proxies; ranges need a log that names its peer',
    ),
  queue: z
    .strictObject({
      redis: z.strictObject({ url: z.string() }).optional(),
      postgres: z.strictObject({ url: z.string() }).optional(),
      prefix: z.string().default('nightjar').describe('prefix of the queue names'),
    })
    .prefault({})
    .refine((q) => !(q.redis && q.postgres), 'choose redis or postgres, not both'),
  store: z.strictObject({ elasticsearch: elasticsearch.optional() }).default({}),
  notify: z.strictObject({ slack: slack.optional(), pagerduty: pagerduty.optional() }).default({}),
  respond: z
    .strictObject({
      mode: z.enum(['observe', 'enforce']).default('observe'),
      playbooks: z.string().optional().describe('folder of playbooks (*.yaml)'),
      neverTouch: z.array(z.string()).default([]).describe('targets that no action may touch, as kind:id'),
      maxTargetsPerHour: z.number().int().positive().default(10),
      litellm: z.strictObject({ url: z.url(), keyFile: secretFile }).optional(),
      webhook: z.strictObject({ url: z.url(), secretFile }).optional(),
    })
    .prefault({}),
  detect: z
    .strictObject({
      allowedLatenessMs: z.number().int().min(0).default(120_000),
      checkpointEveryMs: z.number().int().min(100).default(5_000),
      detectors: z
        .record(
          z.string(),
          z.strictObject({ enabled: z.boolean().default(true), params: z.record(z.string(), z.unknown()).default({}) }),
        )
        .default({})
        .describe('per detector id: enabled, and params that differ from its defaults'),
    })
    .prefault({}),
  canaries: z
    .record(
      z.string().regex(/^[\w./:-]{1,64}$/, 'letters, digits and _ . / : - only, at most 64'),
      z.enum(['prompt', 'document', 'record', 'credential']),
    )
    .default({})
    .describe('places that hold a canary token, and what each is; `nightjar canary` prints the tokens'),
  secrets: z.strictObject({ fingerprintKeyFile: secretFile.optional() }).default({}),
  log: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info') }).prefault({}),
  metrics: z
    .strictObject({ host: z.string().default('127.0.0.1'), port: z.number().int().min(0).max(65_535).default(4621) })
    .prefault({})
    .describe('/health, /ready, /metrics'),
});

export type Config = z.infer<typeof configSchema>;
export type InventoryConfig = Config['inventory'];
export type KafkaConfig = NonNullable<Config['source']['kafka']>;
export type HttpConfig = NonNullable<Config['source']['http']>;
export type ElasticsearchConfig = NonNullable<Config['store']['elasticsearch']>;

/** Settings of the HTTP intake, which needs none. */
export function httpSettings(config: Config): HttpConfig {
  return config.source.http ?? http.parse({});
}
