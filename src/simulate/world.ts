/** The world that texts and tool results talk about: customers, vendors, accounts, hosts. Made once per seed. */
import { createHash } from 'node:crypto';
import {
  CITIES,
  DOMAIN,
  FIRM_BACK,
  FIRM_FRONT,
  FIRM_KIND,
  FIRST_NAMES,
  LAST_NAMES,
  SERVICES,
} from './content/words.ts';
import type { Random } from './random.ts';

export interface Contact {
  name: string;
  email: string;
}

/** A firm outside: a customer or a vendor. */
export interface Firm {
  name: string;
  domain: string;
  contact: Contact;
  account: string;
  city: string;
  iban: string;
  plan: string;
  monthly: number;
}

export interface Host {
  name: string;
  address: string;
  service: string;
  zone: 'dev' | 'prod';
}

export interface World {
  customers: Firm[];
  vendors: Firm[];
  hosts: Host[];
}

/** `sha256` hex of a virtual key: the form in which a gateway logs it. */
export function keyHash(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** A virtual key as the gateway issues it. */
export function virtualKey(random: Random): string {
  return `sk-${random.token(22)}`;
}

const HOME_NETS = [77, 78, 80, 82, 84, 85, 87, 89, 91, 93, 94, 109, 176, 178, 188, 212, 217];
const HOSTED_NETS = [45, 51, 65, 104, 116, 135, 138, 142, 146, 159, 165, 167];

function publicAddress(random: Random, nets: readonly number[]): string {
  return `${random.pick(nets)}.${random.int(1, 250)}.${random.int(0, 255)}.${random.int(2, 250)}`;
}

/** An address of somebody's line at home or on the road: hardly two people share a network. */
export function homeAddress(random: Random): string {
  return publicAddress(random, HOME_NETS);
}

/** An address of a rented machine somewhere. */
export function hostedAddress(random: Random): string {
  return publicAddress(random, HOSTED_NETS);
}

/** An account number with valid check digits. */
export function iban(random: Random): string {
  const [country, length] = random.pick([
    ['DE', 18],
    ['AT', 16],
    ['BE', 12],
    ['PT', 21],
    ['ES', 20],
  ] as const);
  const body = random.digits(length);
  const numeric = `${body}${[...country].map((c) => c.charCodeAt(0) - 55).join('')}00`;
  const check = 98n - (BigInt(numeric) % 97n);
  return `${country}${String(check).padStart(2, '0')}${body}`;
}

export function personName(random: Random): string {
  return `${random.pick(FIRST_NAMES)} ${random.pick(LAST_NAMES)}`;
}

export function mailName(name: string): string {
  return name.toLowerCase().replaceAll(' ', '.');
}

/** A firm with a name and domain of its own; also used for the attackers' places. */
export function firm(random: Random): Firm {
  const stem = `${random.pick(FIRM_FRONT)}${random.pick(FIRM_BACK)}`;
  const kind = random.pick(FIRM_KIND);
  const domain = random.pick([
    `${stem.toLowerCase()}.example`,
    `${stem.toLowerCase()}-${kind.toLowerCase()}.example`,
    `${kind.toLowerCase()}-${stem.toLowerCase()}.example`,
  ]);
  const name = personName(random);
  const box = random.pick([mailName(name), mailName(name), (name.split(' ')[0] as string).toLowerCase(), 'office']);
  return {
    name: `${stem} ${kind}`,
    domain,
    contact: { name, email: `${box}@${domain}` },
    account: `AC-${random.int(10000, 99999)}`,
    city: random.pick(CITIES),
    iban: iban(random),
    plan: random.pick(['Starter', 'Team', 'Business', 'Enterprise']),
    monthly: random.int(8, 240) * 25,
  };
}

function firms(random: Random, count: number): Firm[] {
  const seen = new Set<string>();
  const list: Firm[] = [];
  while (list.length < count) {
    const next = firm(random);
    if (seen.has(next.domain)) continue;
    seen.add(next.domain);
    list.push(next);
  }
  return list;
}

export function makeWorld(random: Random): World {
  const hosts: Host[] = [];
  for (const zone of ['dev', 'prod'] as const) {
    for (const service of SERVICES) {
      for (let n = 1; n <= 2; n++) {
        hosts.push({
          name: `${service}-${n}.${zone}.${DOMAIN}`,
          address: `10.${zone === 'dev' ? 40 : 60}.${random.int(0, 30)}.${random.int(2, 250)}`,
          service,
          zone,
        });
      }
    }
  }
  return { customers: firms(random.fork('customers'), 140), vendors: firms(random.fork('vendors'), 45), hosts };
}
