/**
 * Long tokens of a text: runs of the characters that encodings and keys are made of. Found by looking at every twentieth character, since a
 * run of that length cannot hide between two looks; ordinary words cost next to nothing.
 */

/** Shortest run that is sure to be found. */
export const LEAST_TOKEN = 20;

const IN_TOKEN = new Uint8Array(256);
for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-')
  IN_TOKEN[character.charCodeAt(0)] = 1;

/**
 * Spans of runs of at least 20 letters, digits, `+`, `/`, `_` and `-`, in order, at most `limit`.
 * @param bytes low bytes of the text.
 */
export function longTokens(bytes: Uint8Array, limit: number): [start: number, end: number][] {
  const found: [number, number][] = [];
  const last = bytes.length - 1;
  for (let i = LEAST_TOKEN - 1; i <= last; i += LEAST_TOKEN) {
    if (IN_TOKEN[bytes[i] as number] === 0) continue;
    let start = i;
    const floor = i - LEAST_TOKEN;
    while (start > floor && start > 0 && IN_TOKEN[bytes[start - 1] as number] === 1) start--;
    let end = i + 1;
    while (end <= last && IN_TOKEN[bytes[end] as number] === 1) end++;
    if (end - start >= LEAST_TOKEN) {
      found.push([start, end]);
      if (found.length === limit) break;
    }
    // The first look behind this run is where one of full length that begins there must be met.
    i = end - 1;
  }
  return found;
}
