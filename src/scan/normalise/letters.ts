/** Letters exchanged for others, and texts turned round. */

export function isLetter(code: number): boolean {
  return (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;
}

/** Each letter by another; `to` gets its place in the alphabet. */
function exchanged(to: (place: number) => number): (text: string) => string {
  return (text) => {
    const codes = new Uint16Array(text.length);
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      const base = (code & 0x20) | 0x41;
      codes[i] = isLetter(code) ? base + to(code - base) : code;
    }
    return Buffer.from(codes.buffer).toString('utf16le');
  };
}

export const rot13 = exchanged((place) => (place + 13) % 26);
export const atbash = exchanged((place) => 25 - place);

export function backwards(text: string): string {
  return [...text].reverse().join('');
}

/** Each word turned round where it stands. */
export function wordsBackwards(text: string): string {
  return text.replace(/[\p{L}\p{N}']+/gu, backwards);
}
