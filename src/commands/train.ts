/** `nightjar train`: fits what a detector learns, and writes it into the detector's folder. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Argument, type Command } from 'commander';
import { trainOnAll } from '../leave-out.ts';
import { DETECTORS } from '../replay.ts';
import { Progress } from './progress.ts';

export function register(program: Command): void {
  program
    .command('train')
    .description('fit a detector on labelled data and write its weights; then measure with eval --leave-out')
    .addArgument(new Argument('<detector>', 'what to fit').choices(['toxic-flow']))
    .argument('<path>', 'recorded agent conversations (*.jsonl.gz)')
    .action(async (detector: string, path: string) => {
      const progress = new Progress();
      const model = await trainOnAll(path, (line) => progress.show(line));
      progress.clear();
      const file = join(DETECTORS, detector, 'model.json');
      writeFileSync(file, `${JSON.stringify(model, null, 2)}\n`);
      process.stdout.write(`${file}\n`);
    });
}
