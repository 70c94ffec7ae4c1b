/** Plain columns for a terminal: the first ones to the left, the numbers behind them to the right. */

/** @param left how many columns are text */
export function table(head: string[], rows: string[][], left: number): string {
  const lines = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const cell = (text: string, column: number) =>
    column < left ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0);
  return lines.map((line) => `  ${line.map(cell).join('  ').trimEnd()}\n`).join('');
}
