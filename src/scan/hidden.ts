/** Characters that people do not see and models read: counted, stripped, and spelled out where they spell something. */

const HIDDEN = /\p{Cf}|[\u{e0100}-\u{e01ef}]/gu;
const MAY_HIDE = /\p{Cf}|[\u{e0100}-\u{e01ef}]/u;
/** Joiners, direction marks, byte-order mark and soft hyphen: ordinary text of some scripts and emoji need them. */
const ORDINARY = new Set([0x00ad, 0x200c, 0x200d, 0x200e, 0x200f, 0xfeff]);

export interface Unhidden {
  /** The text without hidden characters; tag characters are turned into the ASCII they stand for. */
  text: string;
  /** Hidden characters that ordinary writing does not need. */
  hidden: number;
  /** Offset of the first of them in the original, or -1. */
  first: number;
}

/** Strips hidden characters. ASCII costs one count of bytes. */
export function unhide(text: string): Unhidden {
  if (Buffer.byteLength(text) === text.length || !MAY_HIDE.test(text)) return { text, hidden: 0, first: -1 };
  let hidden = 0;
  let first = -1;
  const clean = text.replace(HIDDEN, (character, offset: number) => {
    const code = character.codePointAt(0) as number;
    if (!ORDINARY.has(code)) {
      hidden++;
      if (first < 0) first = offset;
    }
    return code >= 0xe0020 && code <= 0xe007e ? String.fromCharCode(code - 0xe0000) : '';
  });
  return { text: clean, hidden, first };
}
