/** One line of progress on stderr, only where a person looks at a terminal. */

const EVERY_MS = 100;

export class Progress {
  readonly #on = process.stderr.isTTY === true;
  #last = 0;

  /** Shows a line in place of the last; at most ten times a second. */
  show(line: string): void {
    const now = performance.now();
    if (!this.#on || now - this.#last < EVERY_MS) return;
    this.#last = now;
    process.stderr.write(`\r\u001b[K${line.slice(0, (process.stderr.columns ?? 80) - 1)}`);
  }

  /** Clears the line, before anything else is printed. */
  clear(): void {
    if (this.#on) process.stderr.write('\r\u001b[K');
    this.#last = 0;
  }
}
