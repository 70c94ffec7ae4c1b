/** Lays an alert out as a Slack message of Block Kit blocks, within Slack's limits whatever the alert holds. */
import type { Alert, Evidence, Incident } from '../model/finding.ts';
import { sentence, shownSeverity } from './summary.ts';
import { slackText } from './text.ts';

interface TextObject {
  type: 'plain_text' | 'mrkdwn';
  text: string;
  emoji?: boolean;
  verbatim?: boolean;
}

type Block =
  | { type: 'header'; text: TextObject }
  | { type: 'section'; text?: TextObject; fields?: TextObject[] }
  | { type: 'context'; elements: TextObject[] };

/** Body of `chat.postMessage`. */
export interface SlackMessage {
  channel: string;
  /** Shown in notifications and by clients without blocks. */
  text: string;
  blocks: Block[];
  unfurl_links: false;
  unfurl_media: false;
  link_names: false;
  mrkdwn: false;
  parse: 'none';
}

/** Slack refuses a message near 13,200 characters in all, though each block is within its limit. */
const TOTAL = 12_000;
const HEADER = 150;
const SENTENCE = 1_500;
const VALUE = 300;
const MAX_EVIDENCE = 10;

/** The message: severity and title, one sentence, who and what, the reasons with what is usual, ids. Unfurls and mentions nothing. */
export function slackMessage(channel: string, alert: Alert, incident: Incident): SlackMessage {
  const severity = shownSeverity(alert, incident).toUpperCase();
  const heading = slackText(`[${severity}] ${alert.title}`, HEADER);
  const said = slackText(sentence(alert), SENTENCE);
  const head: Block[] = [
    { type: 'header', text: plain(heading) },
    { type: 'section', text: plain(said) },
    { type: 'section', fields: fieldsOf(alert) },
  ];
  const foot: Block = { type: 'context', elements: [mrkdwn(footer(alert, incident))] };
  return {
    channel,
    text: slackText(`[${severity}] ${sentence(alert)}`, SENTENCE),
    blocks: [...head, ...evidenceBlocks(alert.evidence, TOTAL - sizeOf([...head, foot])), foot],
    unfurl_links: false,
    unfurl_media: false,
    link_names: false,
    mrkdwn: false,
    parse: 'none',
  };
}

function fieldsOf(alert: Alert): TextObject[] {
  const field = (label: string, value: string): TextObject => mrkdwn(`*${label}*\n${code(value, VALUE)}`);
  const known = Object.entries(alert.entities).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return [
    field('detector', alert.detector),
    field('confidence', `${Math.round(alert.confidence * 100)} %`),
    ...known.slice(0, 8).map(([name, value]) => field(name, value)),
  ];
}

/** As many reasons as fit into `room` characters; what is left out is counted. */
function evidenceBlocks(evidence: Evidence[], room: number): Block[] {
  const blocks: Block[] = [];
  let left = room - 100;
  for (const [index, item] of evidence.entries()) {
    const block: Block = { type: 'section', text: mrkdwn(reason(item)) };
    left -= sizeOf([block]);
    if (left < 0 || index >= MAX_EVIDENCE) {
      blocks.push({ type: 'section', text: mrkdwn(`and ${evidence.length - index} more`) });
      break;
    }
    blocks.push(block);
  }
  return blocks;
}

function reason(item: Evidence): string {
  const lines = [code(item.kind, 100), `seen: ${code(item.observed, VALUE)}`];
  if (item.usual) lines.push(`usual: ${code(item.usual, VALUE)}`);
  if (item.quiet_if) lines.push(`quiet if: ${code(item.quiet_if, VALUE)}`);
  return lines.join('\n');
}

function footer(alert: Alert, incident: Incident): string {
  const parts = [
    `incident ${code(incident.id, 100)}`,
    `alert ${code(alert.id, 100)} revision ${alert.revision}`,
    code(alert['@timestamp'], 40),
  ];
  if (alert.techniques.length > 0) parts.push(code(alert.techniques.slice(0, 10).join(' '), 200));
  return parts.join(' · ');
}

/** `verbatim` stops Slack from making links, channels and mentions out of bare text. */
function mrkdwn(text: string): TextObject {
  return { type: 'mrkdwn', text, verbatim: true };
}

/** A code span that its content cannot leave: one line, no backtick. */
function code(value: string, max: number): string {
  return `\`${slackText(value, max).replaceAll('`', "'") || ' '}\``;
}

/** Text in which nothing acts: no markup, no emoji names. */
function plain(text: string): TextObject {
  return { type: 'plain_text', text, emoji: false };
}

function sizeOf(blocks: Block[]): number {
  const texts = (block: Block): TextObject[] => {
    if (block.type === 'context') return block.elements;
    if (block.type === 'header') return [block.text];
    return [...(block.text ? [block.text] : []), ...(block.fields ?? [])];
  };
  return blocks.flatMap(texts).reduce((sum, text) => sum + text.text.length, 0);
}
