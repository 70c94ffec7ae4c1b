/** The shape of a record that could not be read: enough to see what it is, without anything that it says. */

/** Bytes that are shown. */
const SHOWN = 1_024;
/** A field name as programs write it; one with digits may be a value in the wrong place. */
const FIELD = /"([A-Za-z_.-]{1,32})"(?=\s*:)/g;

/**
 * The first 1,024 bytes with every letter as `x`, every digit as `0` and all else that is not plain punctuation as `?`; field names of JSON
 * stay.
 * @example shapeOf(Buffer.from('{"model":"gpt-4o"')) // '{"model":"xxx-0x"'
 */
export function shapeOf(value: Uint8Array): string {
  const text = Buffer.from(value.subarray(0, SHOWN)).toString('latin1');
  let shape = '';
  let at = 0;
  for (const field of text.matchAll(FIELD)) {
    shape += masked(text.slice(at, field.index)) + field[0];
    at = field.index + field[0].length;
  }
  return shape + masked(text.slice(at));
}

function masked(text: string): string {
  return text
    .replace(/[A-Za-z]/g, 'x')
    .replace(/\d/g, '0')
    .replace(/[^ -~\t\n\r]/g, '?');
}
