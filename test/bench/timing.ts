/** Measuring side by side: several ways to work on the same records take turns, chunk by chunk, so that a busy machine slows all of them alike. */

/** Milliseconds of processor time that this process has used: what other programs take does not count. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

/** One kind of work on a chunk of records; `first` is the place of its first record. */
export interface Phase<Input> {
  name: string;
  run(chunk: readonly Input[], first: number): void;
}

/** Records that one phase works on before the next has its turn. */
const CHUNK = 32;

/**
 * Processor time per record of each phase, in microseconds: one entry per round.
 * @param open makes the phases of one round, with fresh state; in a chunk they run in this order
 * @param warm rounds that are not counted
 */
export function takeTurns<Input, Name extends string>(
  inputs: readonly Input[],
  open: () => (Phase<Input> & { name: Name })[],
  { rounds, warm = 1 }: { rounds: number; warm?: number },
): Record<Name, number[]> {
  const taken: Partial<Record<Name, number[]>> = {};
  for (let round = -warm; round < rounds; round++) {
    const sums: Partial<Record<Name, number>> = {};
    const phases = open();
    for (let first = 0; first < inputs.length; first += CHUNK) {
      const chunk = inputs.slice(first, first + CHUNK);
      for (const { name, run } of phases) {
        const begin = cpuMs();
        run(chunk, first);
        sums[name] = (sums[name] ?? 0) + cpuMs() - begin;
      }
    }
    if (round < 0) continue;
    for (const { name } of phases) {
      taken[name] ??= [];
      (taken[name] as number[]).push(((sums[name] as number) * 1_000) / inputs.length);
    }
  }
  return taken as Record<Name, number[]>;
}

/** Median over the rounds of what one phase costs for each unit that the other does. */
export function ratio(of: readonly number[], to: readonly number[]): number {
  return round3(median(of.map((value, i) => value / (to[i] as number))));
}

export function round3(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
