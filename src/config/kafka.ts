/** The settings of Kafka as a source: brokers, TLS and login, which topics, and where reading begins. */
import { z } from 'zod';
import { namePattern } from './pattern.ts';
import { secretFile } from './secret-file.ts';

/** What Kafka allows as a topic's name. */
const topicName = z
  .string()
  .regex(/^[a-zA-Z0-9._-]{1,249}$/, 'is no topic name; to read all topics of a kind, give pattern instead of topic');

const pattern = z
  .string()
  .min(1)
  .max(1_000)
  .superRefine((text, context) => {
    try {
      namePattern(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: `is no pattern in RE2 syntax: ${(error as Error).message}` });
    }
  })
  .describe(
    'regular expression (RE2) for the whole name; topics made later are read too, from their beginning. Never matches names that begin with __ or nightjar., nor the dead-letter and checkpoint topics',
  );

const topic = z
  .strictObject({
    topic: topicName.optional(),
    pattern: pattern.optional(),
    format: z.string().default('auto').describe('a format id, or auto to choose per record'),
  })
  .refine(({ topic, pattern }) => (topic === undefined) !== (pattern === undefined), 'give either topic or pattern')
  .describe('a topic that several entries fit has the format of the one that names it, else of the first pattern');

const ISO = /^\d{4}-\d\d-(\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/i;
/** Numbers below are seconds since 1970, as milliseconds they would lie in its first years. */
const LEAST_MS = 100_000_000_000;

/** Milliseconds since 1970, or what is wrong. A day has the zone UTC; a time of day must name its zone. */
function startTime(given: string | number): number | string {
  const text = String(given);
  let time: number;
  if (/^\d{1,17}$/.test(text)) time = Number(text) < LEAST_MS ? Number(text) * 1_000 : Number(text);
  else {
    const match = ISO.exec(text);
    if (match === null) return 'must be earliest, latest, or a time such as 2026-11-01T06:00:00Z or 1793512800';
    if (text.includes('T') && match[2] === undefined) return 'must name the zone of its time: Z, or +01:00';
    time = Date.parse(text);
    // The parser turns the 30th of February into a day in March.
    if (Number.isNaN(time) || Number(match[1]) > daysOfMonth(text)) return `${text} is no day and time that exist`;
  }
  return time > Date.now() ? `${text} lies in the future` : time;
}

function daysOfMonth(date: string): number {
  return new Date(Date.UTC(Number(date.slice(0, 4)), Number(date.slice(5, 7)), 0)).getUTCDate();
}

const from = z
  .union([z.string(), z.number()])
  .default('earliest')
  .transform((given, context): 'earliest' | 'latest' | number => {
    if (given === 'earliest' || given === 'latest') return given;
    const time = startTime(given);
    if (typeof time === 'number') return time;
    context.addIssue({ code: 'custom', message: time });
    return z.NEVER;
  })
  .describe(
    'where to start without a checkpoint or committed offset: earliest, latest, or at the first record of this time (ISO 8601 with its zone, or seconds or milliseconds since 1970). A topic or partition that appears later is read from its beginning, with latest too',
  );

const tls = z
  .strictObject({
    caFile: z.string().optional().describe('PEM; default: the authorities that Node.js trusts'),
    certFile: z.string().optional().describe('PEM, for brokers that ask for a client certificate'),
    keyFile: z.string().optional().describe('PEM, the key of certFile'),
  })
  .refine(({ certFile, keyFile }) => (certFile === undefined) === (keyFile === undefined), {
    message: 'certFile and keyFile go together',
  });

export const kafkaSchema = z
  .strictObject({
    brokers: z.array(z.string()).min(1).describe('host:port of at least one broker'),
    clientId: z.string().default('nightjar'),
    group: z.string().default('nightjar').describe('consumer group'),
    topics: z.array(topic).min(1),
    deadLetterTopic: topicName.default('nightjar.dead-letter'),
    checkpointTopic: topicName.default('nightjar.checkpoint').describe('compacted topic; made when missing'),
    from,
    ssl: z.union([z.boolean(), tls]).default(false).describe('true, or which certificates; they are always checked'),
    sasl: z
      .strictObject({
        mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']),
        username: z.string(),
        passwordFile: secretFile,
      })
      .optional(),
    sessionTimeoutMs: z.number().int().min(6_000).max(300_000).default(30_000),
  })
  .superRefine(({ topics, deadLetterTopic, checkpointTopic }, context) => {
    for (const [index, { topic }] of topics.entries()) {
      if (topic !== deadLetterTopic && topic !== checkpointTopic) continue;
      const message = 'is a topic that Nightjar writes itself: it would read its own output for ever';
      context.addIssue({ code: 'custom', path: ['topics', index, 'topic'], message });
    }
  });
