/** `nightjar train`: fits what is learnt from labelled data, and writes it where it is read from. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Argument, type Command } from 'commander';
import { defaultConfig } from '../config/load.ts';
import { learnFusion } from '../learn-fusion.ts';
import { trainClassifier } from '../learn-texts.ts';
import { trainOnAll } from '../leave-out.ts';
import { DETECTORS } from '../replay.ts';
import { Progress } from './progress.ts';

type Show = (line: string) => void;

/** What can be fitted: where its file is, and how it is made of the paths given. */
const SUBJECTS: Record<string, { file: string; fit(paths: string[], show: Show): Promise<unknown> }> = {
  'toxic-flow': {
    file: join(DETECTORS, 'toxic-flow', 'model.json'),
    fit: ([path], show) => trainOnAll(path as string, show),
  },
  'exfiltration-prompt': {
    file: join(DETECTORS, 'exfiltration-prompt', 'classifier.json'),
    fit: ([path], show) => trainClassifier(path as string, show),
  },
  fusion: {
    file: fileURLToPath(new URL('../correlate/likelihoods.json', import.meta.url)),
    fit: (paths, show) => learnFusion(paths, defaultConfig(), show),
  },
};

export function register(program: Command): void {
  program
    .command('train')
    .description('fit what is learnt on labelled data and write it into its folder; then measure with eval')
    .addArgument(new Argument('<subject>', 'what to fit').choices(Object.keys(SUBJECTS)))
    .argument(
      '<paths...>',
      'recorded agent conversations for toxic-flow, labelled texts for exfiltration-prompt (*.jsonl.gz); for fusion one or more folders that simulate wrote',
    )
    .action(async (name: string, paths: string[]) => {
      const subject = SUBJECTS[name] as (typeof SUBJECTS)[string];
      const progress = new Progress();
      const model = await subject.fit(paths, (line) => progress.show(line));
      progress.clear();
      writeFileSync(subject.file, `${JSON.stringify(model, null, 2)}\n`);
      process.stdout.write(`${subject.file}\n`);
    });
}
