/** What a text or a tool result may draw on: chance, the world, the time, and a stock of slots. */
import {
  CHANNELS,
  CITIES,
  COMPANY,
  DEPARTMENTS,
  DOMAIN,
  FIRST_NAMES,
  PRODUCTS,
  PROJECTS,
  REPOS,
  SERVICES,
  TABLES,
  TOPICS,
} from './content/words.ts';
import { expand, type Slots } from './grammar.ts';
import type { Random } from './random.ts';
import { type Firm, mailName, personName, type World } from './world.ts';

const DAY = 86_400_000;
const MONTHS = 'January February March April May June July August September October November December'.split(' ');
const WEEKDAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');

export interface Context {
  random: Random;
  world: World;
  /** Epoch milliseconds: roughly when the text is written. */
  time: number;
  /** How this agent's tools print their results. */
  style: 'json' | 'text';
  /** The person who speaks or is served. */
  me: { name: string; email: string };
}

export function isoDate(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

export function colleague(random: Random): { name: string; email: string } {
  const name = personName(random);
  return { name, email: `${mailName(name)}@${DOMAIN}` };
}

const SLOTS: Record<string, (c: Context) => string> = {
  me: (c) => c.me.name,
  mymail: (c) => c.me.email,
  company: () => COMPANY,
  person: (c) => personName(c.random),
  first: (c) => c.random.pick(FIRST_NAMES),
  colleaguemail: (c) => colleague(c.random).email,
  customer: (c) => c.random.pick(c.world.customers).name,
  vendor: (c) => c.random.pick(c.world.vendors).name,
  account: (c) => c.random.pick(c.world.customers).account,
  product: (c) => c.random.pick(PRODUCTS),
  city: (c) => c.random.pick(CITIES),
  topic: (c) => c.random.pick(TOPICS),
  project: (c) => c.random.pick(PROJECTS),
  service: (c) => c.random.pick(SERVICES),
  repo: (c) => c.random.pick(REPOS),
  table: (c) => c.random.pick(Object.keys(TABLES)),
  channel: (c) => c.random.pick(CHANNELS),
  department: (c) => c.random.pick(DEPARTMENTS),
  month: (c) => MONTHS[new Date(c.time - c.random.int(0, 60) * DAY).getUTCMonth()] as string,
  weekday: (c) => WEEKDAYS[c.random.int(1, 5)] as string,
  date: (c) => isoDate(c.time + c.random.int(-20, 20) * DAY),
  today: (c) => isoDate(c.time),
  quarter: (c) => `Q${c.random.int(1, 4)}`,
  percent: (c) => `${c.random.int(2, 48)}.${c.random.int(0, 9)} %`,
  amount: (c) => `${c.random.int(40, 9800)}.${c.random.digits(2)} EUR`,
  n: (c) => String(c.random.int(2, 9)),
  count: (c) => String(c.random.int(11, 480)),
  ticket: (c) => `T-${c.random.int(20000, 89999)}`,
  invoice: (c) => `INV-${c.random.int(100000, 999999)}`,
  version: (c) => `${c.random.int(1, 6)}.${c.random.int(0, 24)}.${c.random.int(0, 9)}`,
  hour: (c) => `${c.random.int(8, 17)}:${c.random.pick(['00', '15', '30', '45'])}`,
};

/** Fills a template from the stock of slots; a digit at a slot's end (`[customer2]`) asks for a second value. */
export function say(context: Context, template: string, given: Slots = {}): string {
  return expand(
    template,
    context.random,
    (name) => {
      const make = SLOTS[name.replace(/\d+$/, '')];
      if (make === undefined) throw new RangeError(`no slot "${name}"`);
      return make(context);
    },
    given,
  );
}

/** One of several templates, filled. */
export function sayOne(context: Context, templates: readonly string[], given: Slots = {}): string {
  return say(context, context.random.pick(templates), given);
}

/** `count` different templates, filled and joined. */
export function sayMany(
  context: Context,
  templates: readonly string[],
  count: number,
  glue = ' ',
  given: Slots = {},
): string {
  return context.random
    .sample(templates, count)
    .map((template) => say(context, template, given))
    .join(glue);
}

/** Slots of one firm. */
export function aboutFirm(firm: Firm): Slots {
  return {
    customer: firm.name,
    vendor: firm.name,
    account: firm.account,
    contact: firm.contact.name,
    contactmail: firm.contact.email,
    domain: firm.domain,
    iban: firm.iban,
  };
}
