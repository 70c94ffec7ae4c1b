/** Finds the JSON values in a file that is not one value per line: a document over many lines, or an array of records. */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN = new Set([0x5b, 0x7b]);
const CLOSE = new Set([0x5d, 0x7d]);
const ARRAY = 0x5b;
const BLANK = new Set([0x20, 0x09, 0x0a, 0x0d]);

/**
 * The values of a JSON text as views: the elements of one array, or the objects that follow one another. It only counts brackets
 * and minds strings, so each value is still to be parsed. Undefined when the brackets do not match or something stands between.
 */
export function splitDocument(text: Uint8Array): Uint8Array[] | undefined {
  const values = topLevel(text);
  const [only] = values ?? [];
  if (!values || values.length === 0) return undefined;
  if (values.length > 1 || !only || only[0] !== ARRAY) return values;
  return elements(only);
}

function topLevel(text: Uint8Array): Uint8Array[] | undefined {
  const values: Uint8Array[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const byte = text[i] as number;
    if (byte === QUOTE) {
      if (depth === 0) return undefined;
      i = stringEnd(text, i);
    } else if (OPEN.has(byte)) {
      if (depth++ === 0) start = i;
    } else if (CLOSE.has(byte)) {
      if (--depth < 0) return undefined;
      if (depth === 0) values.push(text.subarray(start, i + 1));
    } else if (depth === 0 && !BLANK.has(byte)) {
      return undefined;
    }
  }
  return depth === 0 ? values : undefined;
}

function elements(array: Uint8Array): Uint8Array[] {
  const values: Uint8Array[] = [];
  let depth = 0;
  let start = 1;
  const take = (end: number) => {
    const value = trim(array.subarray(start, end));
    if (value.length > 0) values.push(value);
    start = end + 1;
  };
  for (let i = 1; i < array.length - 1; i++) {
    const byte = array[i] as number;
    if (byte === QUOTE) i = stringEnd(array, i);
    else if (OPEN.has(byte)) depth++;
    else if (CLOSE.has(byte)) depth--;
    else if (byte === COMMA && depth === 0) take(i);
  }
  take(array.length - 1);
  return values;
}

/** Index of the closing quote, or of the end when there is none. */
function stringEnd(text: Uint8Array, open: number): number {
  for (let i = open + 1; i < text.length; i++) {
    if (text[i] === BACKSLASH) i++;
    else if (text[i] === QUOTE) return i;
  }
  return text.length;
}

function trim(bytes: Uint8Array): Uint8Array {
  let from = 0;
  let to = bytes.length;
  while (from < to && BLANK.has(bytes[from] as number)) from++;
  while (to > from && BLANK.has(bytes[to - 1] as number)) to--;
  return bytes.subarray(from, to);
}
