/** Registrable domains, and hosts that are made to be taken for another. */
import { domainToUnicode } from 'node:url';
import { getDomain, getDomainWithoutSuffix } from 'tldts';

/** `mail.ourcompany.co.uk` → `ourcompany.co.uk`, by the public suffix list; null for addresses and single labels. */
export function domainOf(host: string): string | null {
  return getDomain(host.slice(0, 253));
}

/** True when the host is one of the domains or under one. */
export function isUnder(host: string, domains: readonly string[]): boolean {
  return domains.some((domain) => host === domain || host.endsWith(`.${domain}`));
}

export interface LookAlike {
  /** The domain that it is taken for. */
  of: string;
  /** `inside` the known domain stands in front of another one · `letters` it is one letter off, or looks the same. */
  how: 'inside' | 'letters';
}

/** Shorter names are a letter apart by chance. */
const MIN_NAME = 6;
/** Cyrillic and Greek letters that look Latin, and figures that look like letters. */
const SAME: Record<string, string> = Object.fromEntries(
  [...'аaеeоoрpсcуyхxіiѕsјjԁdԛqԝwһhνvοoαaκkτtıi0o1l3e5s|l'].reduce<[string, string][]>((pairs, c, i, all) => {
    if (i % 2 === 0) pairs.push([c, all[i + 1] as string]);
    return pairs;
  }, []),
);

/** @param known registrable domains, at most a few hundred. */
export function lookAlike(host: string, known: readonly string[]): LookAlike | undefined {
  const own = domainOf(host);
  if (own === null || known.includes(own)) return undefined;
  const name = getDomainWithoutSuffix(host) ?? '';
  const seen = skeleton(domainToUnicode(name));
  for (const of of known) {
    if (`.${host}`.includes(`.${of}.`) || `.${host}`.includes(`.${of.replaceAll('.', '-')}.`))
      return { of, how: 'inside' };
    const theirs = getDomainWithoutSuffix(of) ?? '';
    if (theirs.length < MIN_NAME || name === theirs || onlyFigures(name, theirs)) continue;
    if (seen === skeleton(theirs) || oneApart(name, theirs)) return { of, how: 'letters' };
  }
  return undefined;
}

function skeleton(name: string): string {
  return [...name.toLowerCase().normalize('NFKC')]
    .map((c) => SAME[c] ?? c)
    .join('')
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w');
}

/** `shop1` and `shop2` are two of a kind. */
function onlyFigures(a: string, b: string): boolean {
  return a.replace(/\d+/g, '') === b.replace(/\d+/g, '');
}

/** One letter more, less, other, or two swapped (Damerau). */
function oneApart(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const left = a.slice(start, a.length - end);
  const right = b.slice(start, b.length - end);
  if (left.length <= 1 && right.length <= 1) return true;
  return left.length === 2 && right.length === 2 && left[0] === right[1] && left[1] === right[0];
}
