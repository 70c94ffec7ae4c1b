/** When things happen: the shape of a working day, of nights and of weekends. */
import type { Random } from './random.ts';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** UTC midnight of the day that holds `time`. */
export function midnight(time: number): number {
  return time - (((time % DAY) + DAY) % DAY);
}

export function isWeekend(time: number): boolean {
  const day = new Date(time).getUTCDay();
  return day === 0 || day === 6;
}

/** A moment of a working day between two hours: busy before noon and in the afternoon, quiet at lunch. */
export function workingMoment(random: Random, day: number, from: number, to: number): number {
  for (;;) {
    const hour = random.float(from, to);
    const share = (hour - from) / (to - from);
    const weight =
      0.35 + 0.65 * Math.max(Math.exp(-((share - 0.3) ** 2) / 0.02), Math.exp(-((share - 0.72) ** 2) / 0.03));
    if (random.chance(weight)) return Math.round(day + hour * HOUR);
  }
}

/** A moment of a day for something that never sleeps but follows its customers. */
export function anyMoment(random: Random, day: number): number {
  return random.chance(0.7) ? workingMoment(random, day, 6, 20) : Math.round(day + random.float(0, 24) * HOUR);
}
