/** What a tool does, inferred from its name: verbs first, then what it speaks of. An inventory may override it. */
import type { ToolLabel } from '../model/observation.ts';
import { nameStems } from './words.ts';

export type Labels = Partial<Record<ToolLabel, number>>;

const verbs = (list: string) => new Set(nameStems(list));

const SINK = verbs(
  'send email mail post publish share forward invite transfer pay upload submit reply notify tweet broadcast push export wire donate webhook sms call dispatch',
);
const WRITE = verbs(
  'create update delete remove modify change set reset add append insert edit write move rename cancel schedule reschedule book buy order purchase ' +
    'grant give assign fill revoke enable disable lock unlock register unregister approve reject close open start stop restart install deploy merge save put patch issue refund activate deactivate manage',
);
const EXEC = verbs(
  'execute exec run shell bash python sql command terminal code eval script interpreter query subprocess ssh',
);
const READ = verbs(
  'get list search find read fetch view show lookup check query retrieve load download describe count browse inspect navigate visit scan summarize',
);
/** Things that outsiders can write: what such a tool returns may carry orders. */
const OUTSIDE = verbs(
  'web webpage website page url http browser browse internet email mail inbox message messages channel chat comment review issue ticket post tweet feed note notes document file calendar event product repository search news transaction invoice slack attachment',
);

/** Labels with a confidence from 0 to 1; a tool of unknown verbs has none. */
export function labelTool(name: string): Labels {
  const words = nameStems(name);
  const labels: Labels = {};
  const first = words[0];
  const has = (set: Set<string>) => words.some((w) => set.has(w));
  const reads = has(READ);
  if (has(EXEC)) labels.exec = 0.8;
  if (words.some((w) => WRITE.has(w))) labels.write = reads && !(first && WRITE.has(first)) ? 0.4 : 0.8;
  if (words.some((w) => SINK.has(w))) labels.sink = reads && !(first && SINK.has(first)) ? 0.2 : 0.8;
  if (reads) {
    labels.read = 0.8;
    if (has(OUTSIDE)) labels.source = 0.7;
  }
  return labels;
}

const HANDS_OVER = verbs('transfer handoff hand escalate to switch delegate');
const PARTNER = verbs('agent assistant specialist human supervisor bot');

/**
 * True for a tool that hands the conversation over to another agent, as agent frameworks name them (`transfer_to_billing_agent`,
 * `ToFlightAssistant`, `ToBookHotel`): its result is written by the program itself, not by outsiders.
 */
export function handsOver(name: string): boolean {
  const [first = '', second = '', ...rest] = nameStems(name);
  if (first === 'to' && [READ, WRITE, EXEC, SINK].some((verbsOfKind) => verbsOfKind.has(second))) return true;
  return HANDS_OVER.has(first) && [second, ...rest].some((word) => PARTNER.has(word));
}
