/** Dead letters without a server: one JSON line each, to a file or to a stream such as stderr. */
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { NightjarError } from '../errors.ts';
import type { DeadLetter, DeadLetters } from '../ports.ts';

/** Letters remembered to tell a repeated one; about 10 MB. Older ones may be written twice. */
const REMEMBERED = 100_000;

/** Its identity: partition and position. */
export function letterKey({ partition, position }: Pick<DeadLetter, 'partition' | 'position'>): string {
  return `${partition}/${position}`;
}

class Remembered {
  readonly #keys = new Set<string>();

  has(letter: DeadLetter): boolean {
    return this.#keys.has(letterKey(letter));
  }

  add(letter: DeadLetter): void {
    this.#keys.add(letterKey(letter));
    if (this.#keys.size <= REMEMBERED) return;
    const oldest = this.#keys.values().next().value;
    if (oldest !== undefined) this.#keys.delete(oldest);
  }

  /** Those not written yet, each once. */
  fresh(letters: DeadLetter[]): DeadLetter[] {
    const seen = new Set<string>();
    return letters.filter((letter) => {
      const key = letterKey(letter);
      if (this.has(letter) || seen.has(key)) return false;
      seen.add(key);
      return true;
    });
  }
}

/** Appends to a file that is made when missing and is known to be on disk when `put` resolves. */
export class FileDeadLetters implements DeadLetters {
  readonly #file: FileHandle;
  readonly #written: Remembered;
  #turn: Promise<void> = Promise.resolve();

  private constructor(file: FileHandle, written: Remembered) {
    this.#file = file;
    this.#written = written;
  }

  /**
   * Opens the file and reads which letters it holds already.
   * @throws NightjarError `NJ_INPUT` when it cannot be written.
   */
  static async open(path: string): Promise<FileDeadLetters> {
    try {
      const file = await open(path, 'a+', 0o600);
      const written = new Remembered();
      const lines = createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
      let torn = false;
      for await (const line of lines) {
        const letter = parseLetter(line);
        torn = letter === undefined && line !== '';
        if (letter) written.add(letter);
      }
      // A crash in the middle of a line must not spoil the next one.
      if (torn) await file.write('\n');
      return new FileDeadLetters(file, written);
    } catch (cause) {
      throw new NightjarError('NJ_INPUT', `cannot write dead letters to ${path}`, {
        cause,
        hint: 'check the folder and its rights',
      });
    }
  }

  put(letters: DeadLetter[]): Promise<void> {
    const turn = this.#turn.then(async () => {
      const fresh = this.#written.fresh(letters);
      if (fresh.length === 0) return;
      await this.#file.write(toLines(fresh));
      await this.#file.datasync();
      for (const letter of fresh) this.#written.add(letter);
    });
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async close(): Promise<void> {
    await this.#turn;
    await this.#file.close();
  }
}

/** The mark in front tells the lines from others on the same stream. */
function toLines(letters: DeadLetter[]): string {
  return letters.map((letter) => `${JSON.stringify({ dead_letter: true, ...letter })}\n`).join('');
}

function parseLetter(line: string): DeadLetter | undefined {
  try {
    const letter = JSON.parse(line);
    return typeof letter?.partition === 'string' && typeof letter.position === 'number' ? letter : undefined;
  } catch {
    return undefined;
  }
}
