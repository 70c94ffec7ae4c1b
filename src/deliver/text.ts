/** Makes text from logs safe to show to people: no hidden characters, no links that work, no markup that acts. */

/**
 * Control characters, bidirectional overrides, zero-width and tag characters, line separators, lone surrogates: what can hide text,
 * reorder it or break out of a line.
 */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** Characters that name resolution reads as a dot. */
const HOST_DOT = /(?<=[\p{L}\p{N}\]_-])[.\u3002\uff0e\uff61](?=\p{L}{2})/gu;
const IPV4 = /(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.]*\d)/g;

/** Shortens to `max` UTF-16 units, the last of them an ellipsis; never splits a surrogate pair. */
export function truncate(text: string, max: number): string {
  if (text.length <= max) return text;
  const cut = text.slice(0, Math.max(0, max - 1));
  return `${cut.replace(/[\ud800-\udbff]$/, '')}…`;
}

/** One line of visible characters: hidden ones are dropped (line breaks and tabs become a space), runs of blanks become one. */
export function visible(text: string): string {
  return text
    .replace(/[\t\n\v\f\r\u0085\u2028\u2029]+/g, ' ')
    .replace(HIDDEN, '')
    .replace(/\s+/g, ' ')
    .trim();
}

/**
 * Breaks every link, host, address and e-mail so that no client makes it clickable, and people can still read it. Applying it twice
 * changes nothing more.
 * @example defang('see http://evil.example/x') // 'see hxxp://evil[.]example/x'
 */
export function defang(text: string): string {
  return text
    .replace(/http(s?):\/\//gi, (_, secure: string) => `hxxp${secure.toLowerCase()}://`)
    .replace(/(?<!hxxps?):\/\//gi, '[:]//')
    .replace(IPV4, (address) => address.replaceAll('.', '[.]'))
    .replace(HOST_DOT, '[.]');
}

/** `visible`, `defang` and `truncate` in that order: what notifiers show of any text that a log can influence. */
export function safeText(text: string, max: number): string {
  return truncate(defang(visible(text.slice(0, max * 4))), max);
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Escapes Slack's three control characters: without them there is no mention, no link and no command. */
export function escapeSlack(text: string): string {
  return text.replace(/[&<>]/g, (character) => ENTITIES[character] as string);
}

/** `safeText` with Slack's escapes; `max` counts the escaped form, and no escape is cut in half. */
export function slackText(text: string, max: number): string {
  const safe = safeText(text, max);
  const escaped = escapeSlack(safe);
  if (escaped.length <= max) return escaped;
  let kept = '';
  for (const character of safe) {
    const next = ENTITIES[character] ?? character;
    if (kept.length + next.length > max - 1) break;
    kept += next;
  }
  return `${kept}…`;
}
