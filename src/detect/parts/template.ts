/** Templates: names whose random part is left out, so that `job-7f3a91c2` of today is the `job-…` of yesterday. */

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;
const DATE = /\b\d{4}[-_]?\d\d[-_]?\d\d\b/g;
/** Between separators: hex of six and more with a digit, or four digits and more. */
const RANDOM = /(?<![a-z0-9])(?:(?=[a-f]*\d)[0-9a-f]{6,}|\d{4,})(?![a-z0-9])/gi;
/** Eight and more, letters and digits in turn at least three times: nobody names things so. */
const MIXED = /(?<![a-z0-9])(?=[a-z0-9]{8,64}(?![a-z0-9]))(?:[a-z]+\d+){2,}[a-z]*(?![a-z0-9])/gi;

/** Names come again and again. Speed only: the same name has the same template. */
const REMEMBERED = new Map<string, string>();
const MAX_REMEMBERED = 4_096;

/**
 * The name with random parts, dates and long numbers as `*`; short numbers stay, they are versions. In lower case.
 * @example templateOf('search_8f3a2c91') // 'search_*'
 * @example templateOf('gpt-4o-2024-08-06') // 'gpt-4o-*'
 */
export function templateOf(name: string): string {
  const known = REMEMBERED.get(name);
  if (known !== undefined) return known;
  const template = leaveOut(name);
  if (REMEMBERED.size >= MAX_REMEMBERED) REMEMBERED.clear();
  REMEMBERED.set(name, template);
  return template;
}

function leaveOut(name: string): string {
  return name
    .slice(0, 256)
    .replaceAll('_', ' _ ')
    .replace(UUID, '*')
    .replace(DATE, '*')
    .replace(RANDOM, '*')
    .replace(MIXED, '*')
    .replaceAll(' _ ', '_')
    .toLowerCase();
}
