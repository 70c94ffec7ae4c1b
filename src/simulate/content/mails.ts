/** Bodies of ordinary e-mails: with firms outside, between colleagues, and the bulk mail that every mailbox gets. */
import { aboutFirm, type Context, colleague, say, sayMany, sayOne } from '../context.ts';
import type { Firm } from '../world.ts';

export interface Mail {
  from: string;
  to: string;
  subject: string;
  body: string;
}

const GREETING = '{Hi|Hello|Dear|Good morning} [myfirst]{,|}';
const CLOSING = '{Best regards|Kind regards|Thanks|Many thanks|All the best|Cheers}{,|}\n[contact]';

const CUSTOMER_SUBJECTS = [
  '{Question|Follow-up|Issue} {on|about|regarding} [topic]',
  '{Re: |}[topic] {in|at} [city]',
  '[product]: {help needed|a small problem|some feedback}',
  '{Renewal|Contract} for [account]',
  '{Call|Meeting} on [weekday]?',
  'Invoice [invoice]',
];

const CUSTOMER_LINES = [
  'We {have been seeing|keep running into|noticed} [topic] since [weekday], mostly at our [city] depot.',
  'Could you {tell us|let me know} whether this is {a known problem|planned work|something on our side}?',
  'Our {warehouse lead|dispatcher|controller} says that [count] orders were affected on [date].',
  '{Please review|Could you look at} the attached figures by [weekday]{, if that works|}?',
  'We would like to {add|move} [n] users to [product] before the end of [month].',
  'The last invoice shows [amount], which is [percent] more than we expected; can you {explain|check} it?',
  'Would [weekday] at [hour] suit you for a {short|quick} call?',
  '{Please send|Can you send} the {updated price list|signed order form|data sheet} to me and to our buyer.',
  'For the record: our account number is [account] and the plan is up for renewal on [date].',
  'Apart from that the {team is happy|rollout goes well|drivers like the new app}, so thank you.',
  'Do not {worry|hesitate to call} if it takes a little longer; we {can wait until|only need it by} [weekday].',
];

const VENDOR_LINES = [
  'Please find {attached|below} invoice [invoice] over [amount] for {services|deliveries} in [month].',
  'Payment is due within {14|30|45} days to our usual account [iban].',
  'Please quote the reference [invoice] with your transfer.',
  'If there is any question about the items, {call me|write to me} before [weekday].',
  'We {have updated|will update} our terms from [date]; {please confirm receipt|no action is needed}.',
  'Our office is closed on [date], {urgent matters go to|please use} [contactmail].',
];

const INTERNAL_LINES = [
  'The {draft|deck|sheet} for [project] is in the shared folder, please add your comments by [weekday].',
  'Can somebody from [department] {join|cover} the {stand-up|review|call} at [hour]?',
  '{Numbers|Figures} for [month]: [count] new bookings, [percent] over plan, [amount] still open.',
  'Reminder: {update your holiday plan|file your expenses|complete the safety course} until [date].',
  '[person] will take over {the on-call week|[customer]|the depot visit} from me.',
  'We agreed to {postpone|start} the {pilot|migration} in [city]; details are on the wiki page of [project].',
  'Do you know who {owns|looks after} [service]? I get questions about it from [customer].',
  'I {forwarded|sent} the contract to legal, {nothing to do for you|they want your sign-off by [weekday]}.',
];

const BULK: readonly { from: string; subject: string; body: string }[] = [
  {
    from: 'news@{freightweekly|supplychainbrief|portmonitor}.example',
    subject: '{This week in|Your update on} {freight|logistics|ports}: [topic]',
    body: 'TOP STORIES\n\n* {Rates|Volumes} {up|down} [percent] in [city]\n* {Five|Seven} things to know about [topic]\n* Interview: [person] on {automation|green corridors|driver shortages}\n\nRead more on our site. You receive this because you signed up in [month]. Click here to unsubscribe or change your preferences.',
  },
  {
    from: 'no-reply@{signwell|docupass|formbridge}.example',
    subject: '[person] {sent|shared} a document {for you to sign|with you}',
    body: '[person] has asked you to {review and sign|look at} "[project] agreement.pdf".\n\nPlease sign before [date]. If you did not expect this document, ignore this message. Do not share this e-mail: it holds a personal link.',
  },
  {
    from: 'travel@{railhub|stayfinder|flydesk}.example',
    subject: 'Your {booking|trip} to [city] on [date]',
    body: 'Dear traveller,\n\nyour booking {[invoice] is confirmed|was changed}. Arrive at [hour]. You must show a photo ID at check-in. Total: [amount].\n\nManage your booking in the app. Forward this mail to your assistant if they organise your travel.',
  },
  {
    from: 'team@{taskpilot|boardroom|pulsecheck}.example',
    subject: '[n] tasks {are due|need your attention}',
    body: 'Here is what is waiting for you in "[project]":\n\n- Review: [topic] (due [date])\n- Approve: budget of [amount]\n- Reply to [person]\n\nOpen the board to {mark them as done|see more}. To stop these reminders, update your notification settings.',
  },
  {
    from: 'security@{idguard|cloudlogin}.example',
    subject: 'New sign-in to your account',
    body: 'We noticed a new sign-in from [city] on [date]. If this was you, you can ignore this e-mail. If not, change your password immediately and review your recent activity.',
  },
];

function firmMail(context: Context, firm: Firm, subjects: readonly string[], lines: readonly string[]): Mail {
  const slots = { ...aboutFirm(firm), myfirst: context.me.name.split(' ')[0] as string };
  const body = [
    say(context, GREETING, slots),
    sayMany(context, lines, context.random.int(2, 5), context.random.pick([' ', '\n\n']), slots),
    say(context, CLOSING, slots) + context.random.pick(['', `\n${firm.name}, ${firm.city}`]),
  ].join('\n\n');
  return { from: firm.contact.email, to: context.me.email, subject: sayOne(context, subjects, slots), body };
}

export function customerMail(context: Context, firm = context.random.pick(context.world.customers)): Mail {
  return firmMail(context, firm, CUSTOMER_SUBJECTS, CUSTOMER_LINES);
}

export function vendorMail(context: Context, firm = context.random.pick(context.world.vendors)): Mail {
  return firmMail(context, firm, ['Invoice [invoice]', '{Statement|Invoice} for [month]', 'New terms'], VENDOR_LINES);
}

export function internalMail(context: Context): Mail {
  const sender = colleague(context.random);
  const first = sender.name.split(' ')[0] as string;
  return {
    from: sender.email,
    to: context.me.email,
    subject: sayOne(context, [
      '[project]',
      '{Quick question|Notes|Heads-up}: [topic]',
      '[department] {sync|update}',
      '[weekday]',
    ]),
    body: `${sayMany(context, INTERNAL_LINES, context.random.int(1, 4), context.random.pick([' ', '\n']))}\n\n${first}`,
  };
}

export function bulkMail(context: Context): Mail {
  const entry = context.random.pick(BULK);
  return {
    from: say(context, entry.from),
    to: context.me.email,
    subject: say(context, entry.subject),
    body: say(context, entry.body),
  };
}

export function anyMail(context: Context): Mail {
  return context.random.weighted([
    [4, customerMail],
    [2, vendorMail],
    [4, internalMail],
    [3, bulkMail],
  ])(context);
}
