/** What hidden characters say: tag characters, bytes in variation selectors, bits in two kinds of zero-width characters. */
import { asText } from './encoded.ts';

/** The hidden text and how it was written; undefined when the characters say nothing readable. */
export function revealConcealed(codes: readonly number[]): { text: string; step: string } | undefined {
  if (codes.length < 4) return undefined;
  const tags = codes.filter((code) => code >= 0xe0020 && code <= 0xe007e);
  if (tags.length >= 4) return { text: String.fromCharCode(...tags.map((code) => code - 0xe0000)), step: 'tags' };
  const bytes = codes.map(selectorByte).filter((byte) => byte !== undefined);
  if (bytes.length >= 4) {
    const text = asText(Buffer.from(bytes));
    if (text !== undefined) return { text, step: 'variation-selectors' };
  }
  const kinds = [...new Set(codes)];
  if (kinds.length !== 2 || codes.length < 32) return undefined;
  for (const one of kinds) {
    const bits = codes.map((code) => (code === one ? '1' : '0')).join('');
    const text = asText(Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2))));
    if (text !== undefined) return { text, step: 'zero-width-bits' };
  }
  return undefined;
}

function selectorByte(code: number): number | undefined {
  if (code >= 0xfe00 && code <= 0xfe0f) return code - 0xfe00;
  if (code >= 0xe0100 && code <= 0xe01ef) return code - 0xe0100 + 16;
  return undefined;
}
