/** What models say: answers to people and reports after tool work. Prose, lists, drafts, code. */
import { type Context, say, sayMany, sayOne } from '../context.ts';
import { code } from './documents.ts';

const OPENERS = [
  '{Sure|Of course|Happy to help|Here you go}{!|.}',
  'Here is {a first version|what I would suggest|a short answer}:',
  '{Good question.|Let us take this step by step.|In short:}',
  '',
  'Based on {what you pasted|the text above|your notes}:',
];

const POINTS = [
  '[topic] {comes up|appears} {most often|first} at the [city] {site|depot}, about [count] times in [month].',
  '{Start with|Begin by} {listing|checking} {the open items|what changed since [date]}, then {agree on|name} one owner.',
  'The {main driver|likely cause} is {volume|staffing|a change in the rate card}: [percent] against the month before.',
  'Compare [quarter] with the same quarter last year before {drawing|jumping to} conclusions.',
  'Keep it {short|concrete}: one sentence on the problem, one on the next step, one date.',
  'If {this happens again|it is urgent}, {involve|ask} [department] {early|before [weekday]}.',
  '{Costs|Fees} come to roughly [amount]; leave a margin of [percent].',
  'Mention [product] only where it helps the reader; the rest {belongs in|can go to} an appendix.',
  'For [customer], {a call|a visit} works better than another e-mail.',
  'Test it on {ten|a handful of} records first and compare the totals.',
  'The wording "{as soon as possible|in due course}" is vague, so give [date] instead.',
  '[person] can confirm the figure of [count] for [city2].',
];

const CLOSERS = [
  '{Shall I|Do you want me to} {shorten it|turn this into a table|write a second version|translate it}?',
  'Let me know if {you need more detail|the tone should be warmer|anything is missing}.',
  '',
  'I left out {names|figures} that I could not {verify|find in the text}.',
];

const PREFACES = [
  'I will {look that up|check this} first.',
  'Let me {open|find|check} {it|the details}.',
  '',
  '',
  'Next I {need|will read} the {record|details|original}.',
  '{Searching|Checking} now.',
];

/** An answer of a few sentences or points. */
export function advice(context: Context): string {
  const body = context.random.chance(0.5)
    ? sayMany(context, POINTS, context.random.int(2, 5))
    : `- ${sayMany(context, POINTS, context.random.int(2, 6), '\n- ')}`;
  return [sayOne(context, OPENERS), body, sayOne(context, CLOSERS)].filter(Boolean).join('\n\n');
}

export function draft(context: Context): string {
  return say(
    context,
    '{Subject: [topic]|Draft:|Here is a draft:}\n\n{Dear|Hi|Hello} [first],\n\n{thank you for|thanks for} {your message|your patience|getting in touch}. [line]\n\n{Kind|Best} regards,\n[mefirst]',
    { line: sayMany(context, POINTS, context.random.int(1, 3)), mefirst: context.me.name.split(' ')[0] as string },
  );
}

export function codeAnswer(context: Context): string {
  return `${sayOne(context, ['{The problem is|The bug is} in the {loop|sort|null check}.', 'You can {simplify|rewrite} it like this:', 'Two {notes|remarks}: it {allocates|sorts} on every call, and the name hides the unit.', 'Try this:'])}\n\n\`\`\`\n${code(context)}\n\`\`\`\n\n${sayOne(context, POINTS)}`;
}

/** What an agent says before it calls a tool; often nothing. */
export function preface(context: Context): string {
  return sayOne(context, PREFACES);
}

/** What an agent reports when it is done. */
export function report(context: Context): string {
  return sayMany(
    context,
    [
      '{Done.|All done.|That is finished.|Completed.}',
      '{I found|There were} [n] {items|entries}; the {most important|latest} is about [topic].',
      '{Nothing else|No other item} {needs|requires} {your attention|a decision} before [weekday].',
      '{Summary|In brief}: [customer] {is waiting for|asks about} [topic2].',
      'The total is [amount].',
      'I {noted|recorded} it under [account].',
      'Next step: {call|write to} [person] on [weekday2].',
    ],
    context.random.int(1, 4),
  );
}
