/** The one function of snappyjs that is used; the package ships no types. */
declare module 'snappyjs' {
  /** Throws when the stream is damaged or its stated length exceeds `maxLength`. */
  export function uncompress(compressed: Uint8Array, maxLength?: number): Uint8Array;
}
