/** Artefacts of a record's new messages and calls, as detectors see them: what, who, and a fingerprint. */
import type { Event, Message } from '../model/event.ts';
import type { Observation, ObservedArtefact } from '../model/observation.ts';
import { credentialOf, type FoundArtefact } from './artefacts/artefacts.ts';
import type { CanaryBook } from './canary.ts';
import type { Fingerprinter } from './fingerprint.ts';
import type { MessageMemory, ScannedText } from './memory.ts';
import type { Marks } from './normalise.ts';

const LIMITS = { secret: 32, personal: 128, link: 32, hidden: 16, canary: 16 } as const;
/** Fewer of them slip into a text by copying. */
const LEAST_HIDDEN = 10;
/** Characters of an answer from which on it is compared with results, and those of it that are. */
const LEAST_SHINGLED = 64;
const MAX_SHINGLED = 16_384;

type Where = Pick<ObservedArtefact, 'role' | 'tool' | 'argument'>;

/** @param fresh the messages that this record is the first to show. */
export function observeArtefacts(
  event: Event,
  fresh: Message[],
  memory: MessageMemory,
  fingerprints: Fingerprinter,
  canaries: CanaryBook | undefined,
): Pick<Observation, 'artefacts' | 'answerShingles'> {
  const found: ObservedArtefact[] = [];
  const counts = { secret: 0, personal: 0, link: 0, hidden: 0, canary: 0 };
  const add = (artefact: ObservedArtefact) => {
    if (counts[artefact.kind]++ < LIMITS[artefact.kind]) found.push(artefact);
  };
  const read = (said: ScannedText, where: Where) => {
    const { secrets, personal, links, normalised } = partsOf(said, where);
    for (const one of [...secrets, ...personal, ...links]) add(observed(one, where, fingerprints));
    if (normalised.marks.hidden >= LEAST_HIDDEN) add(hidden(normalised, where, fingerprints));
    if (!canaries || canaries.isEmpty || where.role === 'system') return;
    for (const { text, path, origin } of normalised.views)
      for (const { place, week, windows } of canaries.find(text, event.tenant, event.time))
        add({
          kind: 'canary',
          type: place.kind,
          confidence: 0.99,
          ...where,
          fingerprint: fingerprints.of(`${place.name}\0${week}`),
          span: origin(0, text.length),
          decoded: path,
          canary: { place: place.name, week, windows },
        });
  };
  for (const message of fresh) {
    const where = { role: message.role, ...(message.role === 'tool' && { tool: toolOf(message, event) }) };
    if (message.text !== '') read(memory.get(message.text), where);
  }
  for (const message of event.output)
    for (const call of message.toolCalls ?? [])
      if (call.arguments.length > 2)
        read(memory.get(call.arguments), { role: 'assistant', tool: call.name, argument: true });
  return {
    ...(found.length > 0 && { artefacts: found }),
    ...answerShingles(event, memory, fingerprints),
  };
}

/** Personal data matters where it is handed out; what a user types of their own, and what the operator wrote, is not. */
function partsOf({ artefacts }: ScannedText, { role }: Where) {
  const nothing: FoundArtefact[] = [];
  const outside = role === 'assistant' || role === 'tool';
  return {
    normalised: artefacts.normalised,
    secrets: role === 'system' ? nothing : artefacts.secrets,
    personal: outside ? artefacts.personal : nothing,
    links: role === 'assistant' ? artefacts.links : nothing,
  };
}

function observed(artefact: FoundArtefact, where: Where, fingerprints: Fingerprinter): ObservedArtefact {
  const credential = artefact.kind === 'secret' ? credentialOf(artefact) : undefined;
  return {
    kind: artefact.kind,
    type: artefact.type,
    confidence: artefact.confidence,
    ...where,
    fingerprint: fingerprints.of(artefact.value),
    ...(credential !== undefined && { credential }),
    span: [artefact.start, artefact.end],
    decoded: artefact.decoded,
  };
}

function hidden(
  { marks, views }: ScannedText['artefacts']['normalised'],
  where: Where,
  fingerprints: Fingerprinter,
): ObservedArtefact {
  const spelled = views.find(({ path }) => SPELLED.has(path[0] ?? ''));
  return {
    kind: 'hidden',
    type: kindOf(marks),
    confidence: spelled ? 0.98 : 0.8,
    ...where,
    fingerprint: fingerprints.of(spelled?.text ?? `${marks.hidden} ${kindOf(marks)}`),
    span: [marks.firstHidden, marks.firstHidden + 1],
    decoded: spelled?.path ?? [],
    count: marks.hidden,
    ...(spelled && { spells: true }),
  };
}

const SPELLED = new Set(['tags', 'variation-selectors', 'zero-width-bits']);

function kindOf({ tags, bidi, hidden: all }: Marks): string {
  if (tags > all / 2) return 'tags';
  return bidi > all / 2 ? 'bidi' : 'invisible';
}

function toolOf(message: Message, event: Event): string {
  if (message.toolName) return message.toolName;
  for (const { toolCalls } of [...event.output, ...event.input])
    for (const call of toolCalls ?? []) if (call.id === message.toolCallId) return call.name;
  return 'unknown';
}

function answerShingles(
  { input, output }: Event,
  memory: MessageMemory,
  fingerprints: Fingerprinter,
): Pick<Observation, 'answerShingles'> {
  if (!input.some(({ role }) => role === 'tool')) return {};
  const answers = output.filter(({ role }) => role === 'assistant').map(({ text }) => text);
  const answer = answers.join('\n');
  if (answer.length <= LEAST_SHINGLED) return {};
  if (answers.length === 1 && answer.length <= MAX_SHINGLED)
    return { answerShingles: memory.get(answer).shingles(fingerprints) };
  return { answerShingles: fingerprints.shingles(answer.slice(0, MAX_SHINGLED)) };
}
