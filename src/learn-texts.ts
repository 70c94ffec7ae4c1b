/**
 * Learning the intent classifier from labelled texts, and doing so again without a part of them. The combiners that make probabilities of its
 * scores are fitted on texts whose scores come from a classifier that never saw their group.
 */
import { fileURLToPath } from 'node:url';
import { OWN, ownExamples } from './eval/own-examples.ts';
import { groupOf } from './eval/text-groups.ts';
import { readTexts, type Text } from './eval/texts.ts';
import { factsOf, type Reading, readings } from './scan/classify.ts';
import { fitCombiner, type Part } from './scan/classify-combine.ts';
import type { Facts } from './scan/classify-combiner.ts';
import { type Example, fitScores, type Indexed, indexExamples, type Scorer } from './scan/classify-fit.ts';
import { type AttackIntent, type Combiner, INTENTS, LinearModel, type ModelFile } from './scan/classify-model.ts';
import { findSignals } from './scan/signals.ts';

/** A text as learning sees it. */
export interface Prepared {
  text: Text;
  group: string;
  read: Reading[];
  kinds: string[];
  example: Example;
}

/** Hand-written grammars that are learnt from beside the labelled texts, and never measured on. */
export const TRAINING = fileURLToPath(new URL('../detectors/exfiltration-prompt/training', import.meta.url));

/** Categories that are judged; others say what a model answers, or cannot be told from their words alone. */
const JUDGED = new Set<string>(INTENTS);

/** Reads labelled texts and adds our own. Texts of other categories are left out. */
export async function prepare(path: string, progress: (line: string) => void): Promise<Prepared[]> {
  const texts: Text[] = [];
  for await (const text of readTexts(path)) if (text.label === 'benign' || JUDGED.has(text.category)) texts.push(text);
  return [...texts, ...ownExamples(TRAINING)].map((text, id) => {
    if (id % 500 === 0) progress(`${id} texts read`);
    return prepared(text, id);
  });
}

function prepared(text: Text, id: number): Prepared {
  const read = readings(text.text);
  const group = groupOf(text.source);
  const labels = INTENTS.map((intent) =>
    text.label === 'benign' ? 0 : intent === 'attack' || intent === text.category ? 1 : undefined,
  );
  return {
    text,
    group,
    read,
    kinds: [...new Set(findSignals(text.text).map(({ kind }) => kind))],
    example: {
      blocks: (read[0] as Reading).blocks,
      labels,
      group,
      origin: group === OWN ? `${OWN} ${text.note}` : group,
      id,
    },
  };
}

/** What is learnt without each group of texts in turn. */
export interface Folds {
  scorers: Map<string, Scorer>;
  /** Facts of each text as the scorer without its group has them. */
  facts: Map<Prepared, Facts>;
}

export function learnFolds(
  texts: readonly Prepared[],
  indexed: Indexed,
  progress: (line: string) => void,
  groups: readonly string[] = groupsOf(texts),
): Folds {
  const folds: Folds = { scorers: new Map(), facts: new Map() };
  for (const group of groups) {
    progress(`without ${group}`);
    const scorer = fitScores(indexed, (example) => example.group !== group);
    const model = new LinearModel(withoutCombiners(scorer));
    folds.scorers.set(group, scorer);
    for (const text of texts)
      if (text.group === group) folds.facts.set(text, factsOf(model, text.read, text.kinds).facts);
  }
  return folds;
}

/** Groups that are left out in turn: all but our own texts. */
export function groupsOf(texts: readonly Prepared[]): string[] {
  return [...new Set(texts.map(({ group }) => group))].filter((group) => group !== OWN).sort();
}

function withoutCombiners(scorer: Scorer): ModelFile {
  return { ...scorer, combine: {} as ModelFile['combine'] };
}

/** Combiners from the facts of all groups but one. */
export function combiners(
  folds: Folds,
  without: string | null,
  part: Part = 'together',
  intents: readonly AttackIntent[] = INTENTS,
): Record<AttackIntent, Combiner> {
  const known = [...folds.facts].filter(([text]) => text.group !== without);
  return Object.fromEntries(
    intents.map((intent) => [
      intent,
      fitCombiner(
        known.map(([text, facts]) => ({ facts, label: text.example.labels[INTENTS.indexOf(intent)] })),
        intent,
        part,
      ),
    ]),
  ) as Record<AttackIntent, Combiner>;
}

/** The model that ships: scores learnt from everything, combiners from the folds. */
export async function trainClassifier(path: string, progress: (line: string) => void): Promise<ModelFile> {
  const texts = await prepare(path, progress);
  const indexed = indexExamples(texts.map(({ example }) => example));
  const folds = learnFolds(texts, indexed, progress);
  progress('all texts');
  return { ...fitScores(indexed), combine: combiners(folds, null) };
}
