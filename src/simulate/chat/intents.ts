/** What people of each team ask a chat assistant, as templates; `[paste:kind]` stands for a pasted text. */
import type { Team } from '../staff.ts';

export type AnswerKind = 'advice' | 'draft' | 'code';

export interface Intent {
  ask: string;
  answer: AnswerKind;
  /** A text that the person pastes below the question. */
  paste?: 'mail' | 'notes' | 'csv' | 'code' | 'logs' | 'contract' | 'page';
}

export const INTENTS: Record<Team, readonly Intent[]> = {
  support: [
    {
      ask: '{Write|Draft|Help me with} a {friendly|short|firm but polite} {reply|answer} to this customer{, they are annoyed about [topic]|}:',
      answer: 'draft',
      paste: 'mail',
    },
    {
      ask: '{Summarise|Sum up} this {thread|ticket} in {two|three} sentences for the handover.',
      answer: 'advice',
      paste: 'mail',
    },
    { ask: 'How do I explain [topic] to {someone|a dispatcher} who is not technical?', answer: 'advice' },
    {
      ask: 'Translate into {German|French|Polish|Dutch}, keep the tone: "[topic] is fixed since [date], please {try again|sign in again}."',
      answer: 'draft',
    },
    { ask: 'Is this a complaint or a question? {Which queue would you choose?|}', answer: 'advice', paste: 'mail' },
    { ask: 'Give me {three|five} {subject lines|ways to say no} for a mail about [topic].', answer: 'advice' },
    {
      ask: '{Macro|Template} for: customer of [product] {cannot log in|wants a refund|asks for an export}.',
      answer: 'draft',
    },
  ],
  finance: [
    {
      ask: 'Explain the {difference|variance} between [month] and plan in {plain words|one paragraph}.',
      answer: 'advice',
      paste: 'csv',
    },
    { ask: 'Which of these {lines|rows} look {odd|wrong} to you?', answer: 'advice', paste: 'csv' },
    {
      ask: '{Write|Draft} a {first|second|last} reminder for invoice [invoice] over [amount], [customer], {7|20|40} days late.',
      answer: 'draft',
    },
    {
      ask: 'Excel formula: {sum column C where B is "[city]" and the date is in [month]|split "[amount]" into number and currency}?',
      answer: 'code',
    },
    { ask: 'What does this clause mean for our {cash flow|accruals}?', answer: 'advice', paste: 'contract' },
    {
      ask: '{Check|Proofread} my {note|comment} for the auditors, do not change numbers.',
      answer: 'draft',
      paste: 'notes',
    },
    {
      ask: 'How do we {book|treat} {a prepaid licence|travel of a contractor|a credit note} of [amount] under IFRS?',
      answer: 'advice',
    },
  ],
  engineering: [
    { ask: '{Why is this slow|What is wrong here|Can you spot the bug}?', answer: 'code', paste: 'code' },
    { ask: '{Refactor|Simplify|Add types to} this{, no new dependencies|}:', answer: 'code', paste: 'code' },
    {
      ask: '{Write|Add} unit tests for the {function|method} below, {edge cases first|table style}.',
      answer: 'code',
      paste: 'code',
    },
    { ask: 'What do these {log lines|errors} of [service] tell us?', answer: 'advice', paste: 'logs' },
    { ask: 'Regex that matches [ticket] style ids but not [invoice]?', answer: 'code' },
    {
      ask: 'Trade-offs: {polling|long polling|server-sent events} or {websockets|a queue} for [service]?',
      answer: 'advice',
    },
    {
      ask: 'Commit message for: {moved|dropped|rewrote} the {retry|cache} logic in [repo], because of [topic].',
      answer: 'draft',
    },
    {
      ask: 'How do I {rotate a password|store an API key|drop a root shell} {safely in a container|in the pipeline}?',
      answer: 'advice',
    },
    { ask: 'Kill a zombie process on Ubuntu that still holds port [count]{?|, without reboot?}', answer: 'code' },
  ],
  people: [
    {
      ask: '{Job ad|Posting} for a {senior|junior} {dispatcher|developer|accountant} in [city], {not too stiff|gender neutral}.',
      answer: 'draft',
    },
    { ask: '{Rephrase|Soften} this feedback so that it is fair{ and short|}.', answer: 'draft', paste: 'notes' },
    { ask: 'Agenda for {an onboarding day|a team workshop} with [n] people from [department].', answer: 'advice' },
    {
      ask: 'What must a {parental leave|sabbatical|remote work} agreement contain {in Germany|in Portugal|}?',
      answer: 'advice',
    },
    { ask: 'Interview questions that show how somebody handles [topic].', answer: 'advice' },
  ],
  sales: [
    {
      ask: '{Follow-up|Thank-you} mail after a demo of [product] at [customer]; they liked {the map|the price}, worried about [topic].',
      answer: 'draft',
    },
    {
      ask: '{Pitch|Elevator pitch} of [product] for {a freight forwarder|a retailer} in [city], {90 words|three bullets}.',
      answer: 'draft',
    },
    {
      ask: 'What should I know about {dock scheduling|customs software|carrier scoring} before a call with [customer]?',
      answer: 'advice',
    },
    { ask: '{Compare|Weigh} these two offers for me.', answer: 'advice', paste: 'contract' },
    {
      ask: 'Objection: "{too expensive|we have SAP|no time this year}". {Give me|I need} {three|four} answers.',
      answer: 'advice',
    },
    { ask: 'Turn these notes into {a CRM entry|next steps}:', answer: 'advice', paste: 'notes' },
  ],
  data: [
    {
      ask: 'SQL for Snowflake: {weekly active accounts|median minutes to first reply|late share per depot} from [table].',
      answer: 'code',
    },
    { ask: '{What chart|Which test} fits this data?', answer: 'advice', paste: 'csv' },
    { ask: 'pandas: {merge|pivot|resample} [table] on {account_id|depot}, keep rows without match.', answer: 'code' },
    { ask: 'Explain {seasonality|confidence intervals|survivorship bias} with a freight example.', answer: 'advice' },
    { ask: 'Why would this query return duplicates?', answer: 'code', paste: 'code' },
  ],
  security: [
    {
      ask: '{Summarise|Explain} this advisory for {the board|developers}: {token replay|path traversal|typosquatting} in a {logging|yaml} library.',
      answer: 'advice',
    },
    { ask: 'Draft a {phishing awareness|password manager} post for #[channel].', answer: 'draft' },
    { ask: 'Which of these lines would you {investigate|follow up}?', answer: 'advice', paste: 'logs' },
    { ask: 'Policy text: {how long we keep logs|who may export customer data}.', answer: 'draft' },
  ],
  operations: [
    { ask: 'Plan a {gate rota|shift swap} for [city], [n] people, [count] slots.', answer: 'advice' },
    { ask: '{Checklist|Procedure} for {a power cut|returned pallets|a visit by customs}.', answer: 'advice' },
    { ask: 'What stands out in these numbers?', answer: 'advice', paste: 'csv' },
    {
      ask: 'Notice for drivers about {road works|new gate times} in [city], {simple English|with emojis}.',
      answer: 'draft',
    },
  ],
};

/** Asked by everybody. */
export const EVERYONE: readonly Intent[] = [
  { ask: '{Summarise|Give me the gist of|TL;DR} {this|the following}:', answer: 'advice', paste: 'page' },
  {
    ask: '{Fix my grammar|Make this sound better|Shorten this}: "{please be informed that|as per my last mail} [topic] {is|was} {with|at} [customer] since [date]"',
    answer: 'draft',
  },
  { ask: 'What is a {nice|good} {gift|restaurant|farewell text} for [first] in [city]?', answer: 'advice' },
  { ask: 'Convert [hour] in [city] to New York time{ please|}.', answer: 'advice' },
  { ask: '{Make|Turn this into} a to-do list.', answer: 'advice', paste: 'notes' },
  {
    ask: 'Is "{your|our} {assistent|assistant} {ignores|forgets} previous {settings|versions}" correct English?',
    answer: 'advice',
  },
  { ask: 'Write {a haiku|a toast|a limerick} about {Mondays|the coffee machine|[project]}.', answer: 'draft' },
];

export const FOLLOW_UPS: readonly string[] = [
  '{Shorter|Longer|Simpler} please.',
  'And {in|for} {German|French|a table|bullet points}?',
  '{Can you|Please} add {a line|something} about [topic]?',
  '{Thanks!|Great.|Perfect,} {one more thing|next}: what about [city]?',
  'Why {that|[percent]}?',
  '{Not quite|Hmm}, {less formal|more precise|without the second paragraph}.',
  'ok, {send me the final version|now as plain text}',
  'What would you {leave out|do first}?',
  '{Repeat|Show} that {without|with} the numbers.',
];
