/** Finds the detectors: one folder each under `detectors/`; adding one edits nothing else. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describeError, NightjarError } from '../errors.ts';
import type { Detector } from './contract.ts';
import type { Installed } from './detection.ts';

export interface DetectorSettings {
  enabled: boolean;
  params: Record<string, unknown>;
}

/**
 * Loads every detector folder and applies the settings.
 * @param folder the `detectors` folder; detector.ts in a checkout, detector.js when built.
 * @param settings by detector id; an id without a folder is `NJ_CONFIG`, as are params that the detector refuses.
 */
export async function loadDetectors(
  folder: string,
  settings: Record<string, DetectorSettings> = {},
): Promise<Installed[]> {
  const installed: Installed[] = [];
  const ids = readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? [entry.name] : [],
  );
  for (const id of ids.sort()) {
    const file = ['detector.ts', 'detector.js'].map((name) => join(folder, id, name)).find(existsSync);
    if (file === undefined) continue;
    const detector = await importDetector(file, id);
    const setting = settings[id];
    if (setting?.enabled === false) continue;
    installed.push({ detector, params: paramsOf(detector, setting?.params ?? {}) });
  }
  for (const id of Object.keys(settings)) {
    if (!ids.includes(id))
      throw new NightjarError('NJ_CONFIG', `detect.detectors.${id}: there is no detector of this name`);
  }
  return installed;
}

async function importDetector(file: string, id: string): Promise<Detector> {
  let detector: Detector | undefined;
  try {
    detector = (await import(pathToFileURL(file).href)).default as Detector | undefined;
  } catch (error) {
    throw new NightjarError('NJ_DETECTOR', `detectors/${id}: ${describeError(error)}`, { cause: error });
  }
  if (detector?.id !== id)
    throw new NightjarError('NJ_DETECTOR', `detectors/${id}: its default export must be a detector with this id`);
  return detector;
}

function paramsOf(detector: Detector, given: Record<string, unknown>): unknown {
  const result = detector.params.safeParse(given);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new NightjarError(
    'NJ_CONFIG',
    `detect.detectors.${detector.id}.params.${issue?.path.join('.') ?? ''}: ${issue?.message}`,
  );
}
