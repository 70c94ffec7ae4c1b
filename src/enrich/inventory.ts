/** The inventory of a configuration: read at the start, and read again when a file changes. A broken new version is refused. */
import { statSync } from 'node:fs';
import type { InventoryConfig } from '../config/schema.ts';
import { describeError, NightjarError } from '../errors.ts';
import type { Event } from '../model/event.ts';
import type { ToolLabel } from '../model/observation.ts';
import type { Log } from '../observe/log.ts';
import { enrich } from './enrich.ts';
import { emptyInventory, type LoadedPart, loadPart, PARTS, type Part } from './files.ts';

/** How often files are looked at. A change is taken once the file has stayed the same for one round, so that no half-written one is read. */
const POLL_MS = 1_000;
/** Entries that a log line names. */
const NAMED = 5;

/** Enriches by the newest version of each file that had no fault. */
export interface LiveInventory {
  enrich(event: Event): Event;
  /** For the scanner: labels that replace the inferred ones. */
  toolLabels(tool: string, server: string | undefined): Partial<Record<ToolLabel, number>> | undefined;
  /** Entries per part that has a file. */
  sizes(): Partial<Record<Part, number>>;
}

export interface WatchedInventory extends LiveInventory {
  close(): Promise<void>;
}

interface Watched {
  part: Part;
  file: string;
  entries: Map<string, string>;
  /** What the file looked like when it was last read, and at the last round. */
  read: string;
  seen: string;
}

/**
 * Reads the files once.
 * @throws NightjarError NJ_CONFIG with every fault of every file.
 */
export function loadInventory(config: InventoryConfig): LiveInventory {
  return new FileInventory(config);
}

/** Reads the files and keeps looking at them. Throws as `loadInventory`. */
export function watchInventory(config: InventoryConfig, log: Log, pollMs = POLL_MS): WatchedInventory {
  const inventory = new FileInventory(config);
  inventory.watch(log, pollMs);
  return inventory;
}

class FileInventory implements WatchedInventory {
  readonly #inventory = emptyInventory();
  readonly #watched: Watched[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(config: InventoryConfig) {
    const faults: string[] = [];
    for (const part of PARTS) {
      const file = config[`${part}File`];
      if (file === undefined) continue;
      try {
        const stamp = stampOf(file);
        const { entries } = this.#load(part, file);
        this.#watched.push({ part, file, entries, read: stamp, seen: stamp });
      } catch (error) {
        if (!(error instanceof NightjarError)) throw error;
        faults.push(describeError(error));
      }
    }
    if (faults.length > 0) throw new NightjarError('NJ_CONFIG', faults.join('\n'));
  }

  enrich(event: Event): Event {
    return enrich(event, this.#inventory);
  }

  toolLabels(tool: string, server: string | undefined) {
    return this.#inventory.tools.find(tool, server);
  }

  sizes(): Partial<Record<Part, number>> {
    return Object.fromEntries(this.#watched.map(({ part, entries }) => [part, entries.size]));
  }

  watch(log: Log, pollMs: number): void {
    if (this.#watched.length === 0) return;
    this.#timer = setInterval(() => {
      for (const watched of this.#watched) this.#look(watched, log);
    }, pollMs).unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
  }

  #load<P extends Part>(part: P, file: string): LoadedPart<P> {
    const loaded = loadPart(part, file);
    this.#inventory[part] = loaded.table;
    return loaded;
  }

  #look(watched: Watched, log: Log): void {
    const now = stampOf(watched.file);
    const settled = now === watched.seen;
    watched.seen = now;
    if (!settled || now === watched.read) return;
    watched.read = now;
    const { part, file, entries: before } = watched;
    try {
      const { entries } = this.#load(part, file);
      watched.entries = entries;
      log.info({ file, entries: entries.size, ...changes(before, entries) }, `inventory of ${part} read again`);
    } catch (error) {
      log.error({ file }, `inventory of ${part} is refused, the version before stays in use: ${describeError(error)}`);
    }
  }
}

/** What tells one version of a file from another; also when it was replaced by another file, or is gone. */
function stampOf(file: string): string {
  try {
    const { ino, size, mtimeMs, ctimeMs } = statSync(file);
    return `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unreadable';
  }
}

/** Counts, and the first few names of each kind of change. */
function changes(before: Map<string, string>, after: Map<string, string>) {
  const added = [...after.keys()].filter((key) => !before.has(key));
  const removed = [...before.keys()].filter((key) => !after.has(key));
  const changed = [...after.keys()].filter((key) => before.has(key) && before.get(key) !== after.get(key));
  const named = (keys: string[]) => ({ count: keys.length, first: keys.slice(0, NAMED) });
  return { added: named(added), removed: named(removed), changed: named(changed) };
}
