/** What the inventory says that a tool does: the entry that fits the tool and its server most closely. */
import type { ToolLabel } from '../model/observation.ts';

export interface ToolEntry {
  /** Name or glob: `*` stands for any characters, `?` for one. */
  tool: string;
  /** Likewise; absent means any server, also an unknown one. */
  server: string | undefined;
  labels: readonly ToolLabel[];
}

type Labels = Partial<Record<ToolLabel, number>>;

/** Tool names come from the log: what is remembered of them is bounded. */
const MAX_REMEMBERED = 10_000;

export class ToolTable {
  readonly #exact = new Map<string, Ranked[]>();
  readonly #globs: Ranked[] = [];
  readonly #remembered = new Map<string, Labels | undefined>();
  readonly #empty: boolean;

  /** An exact tool goes before a glob, a named server before a glob before none, an earlier entry before a later one. */
  constructor(entries: readonly ToolEntry[]) {
    this.#empty = entries.length === 0;
    const ranked = entries.map((entry) => ({ ...entry, certain: certain(entry.labels), rank: rankOf(entry) }));
    for (const entry of ranked.sort((a, b) => a.rank - b.rank)) {
      if (isGlob(entry.tool)) this.#globs.push(entry);
      else this.#exact.set(entry.tool, [...(this.#exact.get(entry.tool) ?? []), entry]);
    }
  }

  /** Labels with confidence 1, or undefined where no entry fits. */
  find(tool: string, server: string | undefined): Labels | undefined {
    if (this.#empty) return undefined;
    const key = server === undefined ? tool : `${tool}\0${server}`;
    if (this.#remembered.has(key)) return this.#remembered.get(key);
    const fits = (entry: Ranked) => serverFits(entry.server, server);
    const labels = (
      this.#exact.get(tool)?.find(fits) ?? this.#globs.find((entry) => fits(entry) && globFits(entry.tool, tool))
    )?.certain;
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(key, labels);
    return labels;
  }
}

interface Ranked extends ToolEntry {
  certain: Labels;
  rank: number;
}

function certain(labels: readonly ToolLabel[]): Labels {
  return Object.fromEntries(labels.map((label) => [label, 1]));
}

function rankOf({ tool, server }: ToolEntry): number {
  return (isGlob(tool) ? 3 : 0) + (server === undefined ? 2 : isGlob(server) ? 1 : 0);
}

function serverFits(wanted: string | undefined, server: string | undefined): boolean {
  if (wanted === undefined) return true;
  return server !== undefined && globFits(wanted, server);
}

function isGlob(text: string): boolean {
  return /[*?]/.test(text);
}

/** Goes back to the last `*` alone, so that no name makes it slow. */
export function globFits(glob: string, text: string): boolean {
  let at = 0;
  let next = 0;
  let star = -1;
  let from = 0;
  while (at < text.length) {
    if (glob[next] === '*') {
      star = next++;
      from = at;
    } else if (next < glob.length && (glob[next] === '?' || glob[next] === text[at])) {
      next++;
      at++;
    } else if (star >= 0) {
      next = star + 1;
      at = ++from;
    } else return false;
  }
  while (glob[next] === '*') next++;
  return next === glob.length;
}
