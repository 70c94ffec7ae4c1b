/** The intent classifier that ships: its weights stand in the folder of the detector that they belong to. */
import shipped from '../detectors/exfiltration-prompt/classifier.json' with { type: 'json' };
import { Classifier } from './scan/classify.ts';

let loaded: Classifier | undefined;

/** Made on first use: unpacking takes some milliseconds. */
export function shippedClassifier(): Classifier {
  loaded ??= new Classifier(shipped);
  return loaded;
}
