/** Words that send something to an address outside. One pattern for it all would try every gap with every address: quadratic on hostile text. */

const VERB = /\b(?:send|post|upload|forward|e-?mail|exfiltrate|transmit|submit|append|curl|deliver)\b/giu;
const ADDRESS = /https?:\/\/[^\s"'<>]{4,200}|[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{2,63}|\bwww\.[\w.-]{3,80}/giu;
const MAY_HOLD_ADDRESS = /@|:\/\/|www\./i;
/** Characters between the verb and the address, or the verb and its "to". */
const GAP = 120;
const AFTER_TO = 40;

type Span = [start: number, end: number];

/** Spans from a verb to the address that it sends to, in order, at most `limit`, none overlapping. */
export function findTransfers(text: string, limit: number): Span[] {
  const found: Span[] = [];
  if (!MAY_HOLD_ADDRESS.test(text)) return found;
  const addresses = text.matchAll(ADDRESS);
  let behind: Span | undefined;
  let next = take(addresses);
  let from = 0;
  for (const verb of text.matchAll(VERB)) {
    if (verb.index < from) continue;
    const end = verb.index + verb[0].length;
    while (next && next[0] < end) {
      behind = next;
      next = take(addresses);
    }
    const address = (behind && inside(text, end, behind[1])) ?? next;
    if (address === undefined) {
      if (next === undefined && (behind === undefined || behind[1] <= end)) break;
      continue;
    }
    if (!reaches(text, end, address[0])) continue;
    found.push([verb.index, address[1]]);
    if (found.length === limit) break;
    from = address[1];
  }
  return found;
}

function take(matches: Iterator<RegExpExecArray>): Span | undefined {
  const { value, done } = matches.next();
  return done ? undefined : [value.index, value.index + value[0].length];
}

/** An address that begins behind the verb inside a longer one around it: `send-bob@example.net`. */
function inside(text: string, from: number, to: number): Span | undefined {
  if (to <= from) return undefined;
  const match = text.slice(from, to).matchAll(ADDRESS).next().value;
  return match && [from + match.index, from + match.index + match[0].length];
}

function reaches(text: string, verbEnd: number, address: number): boolean {
  if (address - verbEnd > GAP + 2 + AFTER_TO || text.slice(verbEnd, address).includes('\n')) return false;
  if (address - verbEnd <= GAP) return true;
  const near = address - AFTER_TO - 2;
  for (const to of text.slice(verbEnd - 1, address + 1).matchAll(/\bto\b/giu)) {
    const place = verbEnd - 1 + to.index;
    if (place >= near && place <= verbEnd + GAP && place + 2 <= address) return true;
  }
  return false;
}
