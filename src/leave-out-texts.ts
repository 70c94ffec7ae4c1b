/**
 * Evaluation of texts: the pipeline as it ships, or with the classifier learnt again without the group of sources that is measured. Every
 * group is left out once.
 */
import { shippedClassifier } from './classifier.ts';
import { evasionRows } from './eval/evasion.ts';
import type { Report } from './eval/rate.ts';
import { groupOf } from './eval/text-groups.ts';
import {
  type AblationRow,
  ablationRow,
  type Calibration,
  type CategoryRow,
  calibration,
  categoryRows,
  glimpse,
  JUDGED,
  type Judged,
  markdownOf,
  type ThresholdRow,
  thresholdRows,
} from './eval/text-report.ts';
import { loadTexts, playTexts, scoreTexts, type Text, type TextOptions } from './eval/texts.ts';
import { combiners, learnFolds, prepare } from './learn-texts.ts';
import type { Alert } from './model/finding.ts';
import { Classifier } from './scan/classify.ts';
import { PARTS, type Part } from './scan/classify-combine.ts';
import { chance } from './scan/classify-combiner.ts';
import { indexExamples } from './scan/classify-fit.ts';
import { INTENTS } from './scan/classify-model.ts';
import { findSignals } from './scan/signals.ts';

export interface TextReport extends Report {
  categories: CategoryRow[];
  thresholds: ThresholdRow[];
  calibration: Calibration;
  /** Empty for what is installed: its weights have seen the texts. */
  ablation: AblationRow[];
  markdown: string;
}

export type PlayTexts = (records: AsyncIterable<Uint8Array>, classifier: Classifier) => Promise<Alert[]>;

/** Measures what ships. Its weights were learnt from published texts: on those, this says how well they are remembered. */
export async function evaluateInstalledTexts(path: string, play: PlayTexts, options: TextOptions): Promise<TextReport> {
  const texts = await loadTexts(path);
  const classifier = shippedClassifier();
  const alerts = await play(playTexts(texts, options), classifier);
  const judged = texts.filter(isJudged).map((text) => ({
    text,
    chance: classifier.judge(text.text, new Set(findSignals(text.text).map(({ kind }) => kind))).chances.attack,
  }));
  return reportOf(path, 'installed', texts, [alerts], judged, []);
}

/** @param progress told what is being done, in a few words. */
export async function evaluateTextsLeavingOut(
  path: string,
  play: PlayTexts,
  options: TextOptions,
  progress: (line: string) => void,
): Promise<TextReport> {
  const texts = await loadTexts(path);
  const known = await prepare(path, progress);
  const folds = learnFolds(known, indexExamples(known.map(({ example }) => example)), progress);
  const judged: Record<Part, Judged[]> = { together: [], rules: [], classifier: [] };
  const alerts: Alert[][] = [];
  for (const group of [...new Set(texts.map(({ source }) => groupOf(source)))].sort()) {
    progress(`measuring ${group}`);
    for (const part of PARTS) {
      const { attack } = combiners(folds, group, part, ['attack']);
      for (const [{ text }, facts] of folds.facts)
        if (groupOf(text.source) === group)
          judged[part].push({ text, chance: chance(attack, facts, INTENTS.indexOf('attack')) });
    }
    const scorer = folds.scorers.get(group);
    const classifier = scorer ? new Classifier({ ...scorer, combine: combiners(folds, group) }) : shippedClassifier();
    const own = texts.filter(({ source }) => groupOf(source) === group);
    alerts.push(await play(playTexts(own, options), classifier));
  }
  const ablation = PARTS.map((part) => ablationRow(part, judged[part]));
  return reportOf(path, 'leave-out', texts, alerts, judged.together, ablation);
}

/** Attacks that the shipped classifier finds as they are, disguised in every way: the share that it still finds. */
export async function evaluateEvasion(path: string, threshold: number): Promise<Report> {
  const classifier = shippedClassifier();
  const one = (text: string) =>
    classifier.judge(text, new Set(findSignals(text).map(({ kind }) => kind))).chances.attack;
  const judge = (messages: readonly string[]) =>
    Math.max(...messages.map(one), ...(messages.length > 1 ? [one(messages.join(' '))] : []));
  const texts = (await loadTexts(path)).filter((text) => text.label === 'attack' && JUDGED.includes(text.category));
  const found = texts.filter((text) => text.category !== 'encoding' && one(text.text) >= threshold);
  const rows = evasionRows(found, judge, threshold);
  return { data: path, mode: 'installed', rows, alerts: 0, false_per_day: null, worst: [] };
}

/** Texts that the classifier is asked about: those of users, benign or of a category that it knows. */
function isJudged({ label, category }: Text): boolean {
  return label === 'benign' ? category !== 'model_outputs' : JUDGED.includes(category);
}

function reportOf(
  path: string,
  mode: Report['mode'],
  texts: readonly Text[],
  alerts: readonly Alert[][],
  judged: readonly Judged[],
  ablation: AblationRow[],
): TextReport {
  const all = alerts.flat();
  const { rows, worst, found } = scoreTexts(texts, all);
  const byId = new Map(texts.map((text) => [text.id, text]));
  const parts = {
    categories: categoryRows(texts, found),
    thresholds: thresholdRows(judged),
    calibration: calibration(judged),
    ablation,
  };
  return {
    data: path,
    mode,
    rows,
    alerts: all.length,
    false_per_day: null,
    worst: worst.map((miss) => ({ ...miss, note: glimpse(byId.get(miss.id)?.text ?? '') })),
    ...parts,
    markdown: markdownOf(parts),
  };
}
