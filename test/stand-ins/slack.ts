/** A stand-in for Slack's `chat.postMessage` that obeys its documented limits and answers as it does. */
import { type Answer, type RecordedRequest, type Recorder, startRecorder } from './recorder.ts';

export interface SlackText {
  type: string;
  text: string;
}

export interface SlackBlock {
  type: string;
  text?: SlackText;
  fields?: SlackText[];
  elements?: SlackText[];
}

export interface SlackMessage {
  channel: string;
  text: string;
  blocks: SlackBlock[];
  unfurl_links?: boolean;
  unfurl_media?: boolean;
  thread_ts?: string;
}

export interface SlackStandIn extends Recorder {
  /** To be given as `apiUrl`. */
  readonly apiUrl: string;
  readonly token: string;
  readonly channel: string;
  /** Messages that were really posted, in order. */
  readonly messages: SlackMessage[];
  /** The next `times` calls get HTTP 200 with `{ok: false, error}`. */
  refuse(error: string, times?: number): void;
}

const LIMITS = { blocks: 50, total: 13_200, header: 150, section: 3_000, fields: 10, field: 2_000, context: 10 };

/** Knows one token and one channel; everything else is refused with Slack's own error names. */
export async function startSlackStandIn(options: { port?: number } = {}): Promise<SlackStandIn> {
  const token = 'stand-in-token';
  const channel = 'C0SECURITY';
  const messages: SlackMessage[] = [];

  const answer = (request: RecordedRequest): Answer => {
    const fail = (error: string): Answer => ({ body: { ok: false, error } });
    if (request.path !== '/api/chat.postMessage') return fail('unknown_method');
    if (!request.headers.authorization) return fail('not_authed');
    if (request.headers.authorization !== `Bearer ${token}`) return fail('invalid_auth');
    const message = request.json as SlackMessage | undefined;
    if (typeof message !== 'object' || message === null) return fail('invalid_json');
    if (message.channel !== channel) return fail('channel_not_found');
    if (!message.text && !message.blocks?.length) return fail('no_text');
    const fault = faultOf(message.blocks ?? []);
    if (fault) return fail(fault);
    messages.push(message);
    return { body: { ok: true, channel, ts: `${messages.length}.000100` } };
  };

  const recorder = await startRecorder(answer, options);
  return Object.assign(recorder, {
    apiUrl: `${recorder.url}/api/`,
    token,
    channel,
    messages,
    refuse(error: string, times?: number) {
      recorder.misbehave({ kind: 'answer', answer: { body: { ok: false, error } } }, times);
    },
  });
}

/** The error Slack answers with, or undefined when the blocks are within its limits. */
function faultOf(blocks: SlackBlock[]): string | undefined {
  if (blocks.length > LIMITS.blocks || blocks.some((block) => !blockFits(block))) return 'invalid_blocks';
  const total = blocks.flatMap(textsOf).reduce((sum, text) => sum + text.text.length, 0);
  return total > LIMITS.total ? 'msg_blocks_too_long' : undefined;
}

function textsOf(block: SlackBlock): SlackText[] {
  return [...(block.text ? [block.text] : []), ...(block.fields ?? []), ...(block.elements ?? [])];
}

function blockFits(block: SlackBlock): boolean {
  const texts = textsOf(block);
  if (texts.some((text) => typeof text.text !== 'string' || text.text.length === 0)) return false;
  switch (block.type) {
    case 'header':
      return block.text?.type === 'plain_text' && block.text.text.length <= LIMITS.header;
    case 'section': {
      if (!block.text && !block.fields) return false;
      if (block.text && block.text.text.length > LIMITS.section) return false;
      const fields = block.fields ?? [];
      return fields.length <= LIMITS.fields && fields.every((field) => field.text.length <= LIMITS.field);
    }
    case 'context':
      return texts.length > 0 && texts.length <= LIMITS.context;
    case 'divider':
      return true;
    default:
      return false;
  }
}
