/**
 * Provenance: for each tool call that the model asks for, who said its arguments first and whose words ask for it. This is what tells a
 * hijacked call from a wanted one, whatever the wording of the attack.
 */
import type { Message, ToolCall } from '../model/event.ts';
import type { ArgumentAtom, AtomKind, CallOrder, CallRequest, ObservedCall, Provenance } from '../model/observation.ts';
import { type Atom, findAtoms } from './atoms.ts';
import type { Fingerprinter } from './fingerprint.ts';
import { type Intent, intents } from './intents.ts';
import { handsOver, labelTool } from './labels.ts';
import type { MessageMemory, ScannedText } from './memory.ts';
import type { Order } from './orders.ts';
import { programsIn } from './programs.ts';
import { hostOf, safePath, shown } from './redact.ts';
import { stems } from './words.ts';

/** Kinds that name a place or a party outside: copied, they say where something goes. */
const DESTINATIONS = new Set<AtomKind>(['email', 'url', 'host', 'account', 'address', 'path']);
/** Kinds too common or too long to prove by themselves that they were copied. */
const UNTRACED = new Set<AtomKind>(['text', 'code', 'amount', 'date']);
const DELEGATES =
  /\b(?:accordingly|according to|(?:specified|described|stated|listed|mentioned|given|outlined) (?:in|on|by)|details (?:in|from|on)|based on|as (?:described|stated|specified|listed)|instructions? (?:in|from|on|of)|do (?:all )?the (?:tasks?|actions?|things|steps)|(?:complete|follow|carry out) the)\b/;
/** A field that names who wrote something, up to its value. */
const SENDER =
  /(?:^|[^a-z])(?:from|sender|author|reply[ _-]?to|requester|reporter|customer|submitter)(?:[ _-]?(?:e-?mail|address))?["']?\s{0,2}[:=]\s{0,2}["']?[^,;:{}\n]{0,40}$/;
const MAX_RESOURCES = 16;
const MIN_TRACED = 3;
/**
 * Work of tracing all calls of one record, so that none holds the loop: characters searched for atoms, and words and atoms compared with
 * orders. Ordinary records use a thousandth of it. Beyond it every call still gets the least.
 */
const MAX_SEARCHED = 256 * 1024 * 1024;
const MAX_COMPARED = 4_000_000;
const LEAST_ATOMS = 4;
const LEAST_ORDERS = 64;
/** From so many messages of principals on, their words are put together before they are looked through. */
const MANY = 16;

interface Result {
  tool: string;
  callId: string;
  call: ToolCall | undefined;
  said: ScannedText;
}

/** What has been said before a call, by whom. */
export interface Conversation {
  /** User and system prompt: those who may ask. */
  principals: { role: 'user' | 'system'; said: ScannedText }[];
  model: ScannedText[];
  results: Result[];
  asked: Set<Intent>;
  delegated: boolean;
  /** What tracing may still do. */
  left: { atoms: number; comparisons: number };
  /** True for a word's stem that a principal said. */
  asks: (word: string) => boolean;
}

/** Reads the messages before the answer. Repeated history costs one look-up a message. */
export function readConversation(messages: Message[], memory: MessageMemory): Conversation {
  const calls = new Map<string, ToolCall>();
  const conversation: Conversation = {
    principals: [],
    model: [],
    results: [],
    asked: new Set(),
    delegated: false,
    left: { atoms: 0, comparisons: MAX_COMPARED },
    asks: () => false,
  };
  let length = 0;
  for (const message of messages) {
    for (const call of message.toolCalls ?? []) calls.set(call.id, call);
    if (message.text === '') continue;
    const said = memory.get(message.text);
    length += said.text.length;
    if (message.role === 'assistant') conversation.model.push(said);
    else if (message.role === 'tool') {
      const callId = message.toolCallId ?? '';
      const call = calls.get(callId);
      const tool = message.toolName ?? call?.name ?? 'unknown';
      if (handsOver(tool)) conversation.model.push(said);
      else conversation.results.push({ tool, callId, call, said });
    } else conversation.principals.push({ role: message.role, said });
  }
  for (const { role, said } of conversation.principals) {
    for (const intent of said.intents) conversation.asked.add(intent);
    if (role === 'user' && DELEGATES.test(said.folded)) conversation.delegated = true;
  }
  conversation.left.atoms = Math.floor(MAX_SEARCHED / Math.max(1, length));
  conversation.asks = wordsOf(conversation.principals);
  return conversation;
}

function wordsOf(principals: Conversation['principals']): (word: string) => boolean {
  if (principals.length <= MANY) return (word) => principals.some(({ said }) => said.stems.has(word));
  let all: Set<string> | undefined;
  return (word) => {
    all ??= new Set(principals.flatMap(({ said }) => [...said.stems]));
    return all.has(word);
  };
}

/** Works out where a call comes from. */
export function traceCall(call: ToolCall, conversation: Conversation, fingerprints: Fingerprinter): ObservedCall {
  const { left } = conversation;
  const atoms = findAtoms(call.arguments).slice(0, Math.max(LEAST_ATOMS, left.atoms));
  left.atoms -= atoms.length;
  const labels = labelTool(call.name);
  const toolWords = [...new Set(stems(call.name))];
  const acts = actsOf(toolWords);
  const traced = atoms.filter((atom) => !UNTRACED.has(atom.kind));
  const byUser = (atom: Atom) => saidByPrincipal(atom, conversation) !== undefined;
  const answers = [...acts].some((act) => conversation.asked.has(act));
  const foreign = traced.filter(
    (atom) =>
      atom.folded.length >= MIN_TRACED &&
      !isCommon(atom) &&
      !byUser(atom) &&
      !(answers && isSender(atom, conversation)),
  );
  const asked = requestFor(traced, toolWords, acts, conversation, foreign);
  return {
    id: call.id,
    tool: call.name,
    ...(call.server === undefined ? {} : { server: call.server }),
    labels,
    resources: resourcesOf(atoms),
    // A tool that says nothing of itself may hand a task on to another agent.
    programs: (labels.exec ?? 0) >= 0.5 || Object.keys(labels).length === 0 ? programsIn(call.arguments) : [],
    atoms: atoms.map((atom) => observedAtom(atom, conversation, fingerprints)),
    shingles: fingerprints.shingles(call.arguments),
    repeat: fingerprints.of(`${call.name}\0${call.arguments}`),
    asked,
    order: bestOrder(call.name, toolWords, acts, traced, foreign, conversation),
  };
}

/** Acts of a tool; looking something up is left out when the tool also does something else. */
function actsOf(toolWords: string[]): Set<Intent> {
  const acts = intents(toolWords);
  if (acts.size > 1) acts.delete('read');
  return acts;
}

function requestFor(
  traced: Atom[],
  toolWords: string[],
  acts: Set<Intent>,
  conversation: Conversation,
  foreign: Atom[],
): CallRequest {
  const argWords = [...new Set(traced.flatMap((atom) => stems(atom.text)))];
  return {
    act: [...acts].some((act) => conversation.asked.has(act)) ? 1 : 0,
    tool: share(toolWords, conversation.asks),
    args: share(argWords, conversation.asks),
    delegated: conversation.delegated,
    destination: traced.some((atom) => DESTINATIONS.has(atom.kind) && !foreign.includes(atom)),
  };
}

function share(words: string[], test: (word: string) => boolean): number {
  return words.length === 0 ? 1 : words.filter(test).length / words.length;
}

/** The order that explains the call best: same act, tool's words, atoms copied from it. Null when no tool result gives an order. */
function bestOrder(
  tool: string,
  toolWords: string[],
  acts: Set<Intent>,
  traced: Atom[],
  foreign: Atom[],
  conversation: Conversation,
): CallOrder | null {
  const words = new Set(traced.flatMap((atom) => stems(atom.text)));
  const novel = [...words].filter((word) => !conversation.asks(word));
  let best: { fit: number; order: Order; result: Result; copied: Atom[]; sameAct: boolean } | undefined;
  const cost = 1 + novel.length + foreign.length;
  let passed = countOrders(conversation) - Math.max(LEAST_ORDERS, Math.floor(conversation.left.comparisons / cost));
  for (const result of conversation.results) {
    for (const order of result.said.orders) {
      // The newest orders are weighed when there are too many.
      if (passed-- > 0) continue;
      conversation.left.comparisons -= cost;
      const copied = foreign.filter((atom) => order.folded.includes(atom.folded));
      const sameAct = [...acts].some((act) => order.intents.has(act));
      const covered = novel.length === 0 ? 0 : novel.filter((word) => order.reach.has(word)).length / novel.length;
      const named =
        toolWords.length === 0 ? 0 : toolWords.filter((word) => order.reach.has(word)).length / toolWords.length;
      const strong = copied.some((atom) => DESTINATIONS.has(atom.kind) || atom.kind === 'id');
      const fit = order.strength * ((sameAct ? 0.5 : 0) + 0.5 * named + (strong ? 1 : 0) + 0.5 * covered);
      if (fit > 0 && (best === undefined || fit > best.fit)) best = { fit, order, result, copied, sameAct };
    }
  }
  if (best === undefined) return null;
  const { order, result, copied, sameAct } = best;
  return {
    tool: result.tool,
    callId: result.callId,
    strength: order.strength,
    takesOver: result.said.takesOver,
    sameAct,
    namesTool: result.said.text.includes(tool),
    aboutUser: order.aboutUser,
    copied: [...new Set(copied.map((atom) => atom.kind))],
    sourceNamed: findAtoms(result.call?.arguments ?? '').some(
      (atom) => atom.folded.length > MIN_TRACED && saidByPrincipal(atom, conversation) === 'user',
    ),
    saidByUser: share([...order.stems], conversation.asks),
  };
}

function countOrders(conversation: Conversation): number {
  return conversation.results.reduce((count, { said }) => count + said.orders.length, 0);
}

function observedAtom(atom: Atom, conversation: Conversation, fingerprints: Fingerprinter): ArgumentAtom {
  return {
    path: atom.path,
    kind: atom.kind,
    fingerprint: fingerprints.of(atom.folded),
    shown: shown(atom.kind, atom.text),
    from: originOf(atom, conversation),
  };
}

function originOf(atom: Atom, conversation: Conversation): Provenance {
  if (atom.folded.length < MIN_TRACED) return { by: 'nobody' };
  const principal = saidByPrincipal(atom, conversation);
  if (principal) return { by: principal };
  for (const result of conversation.results) {
    if (!result.said.folded.includes(atom.folded)) continue;
    const order = Math.max(
      0,
      ...result.said.orders.filter((o) => o.folded.includes(atom.folded)).map((o) => o.strength),
    );
    return { by: 'tool', tool: result.tool, callId: result.callId, ...(order > 0 ? { order } : {}) };
  }
  return { by: conversation.model.some((said) => said.folded.includes(atom.folded)) ? 'assistant' : 'nobody' };
}

/** True for a value such as `open` or `report`: a word that every text may hold. */
function isCommon({ kind, folded }: Atom): boolean {
  return kind === 'name' && /^[a-z]+$/.test(folded) && intents(stems(folded)).size > 0;
}

/** True for the address that a result has as its sender: asked to answer, an agent writes to it, whatever the text says. */
function isSender(atom: Atom, conversation: Conversation): boolean {
  if (atom.kind !== 'email') return false;
  return conversation.results.some(({ said }) => {
    const at = said.folded.indexOf(atom.folded);
    return at >= 0 && SENDER.test(said.folded.slice(Math.max(0, at - 60), at));
  });
}

function saidByPrincipal(atom: Atom, conversation: Conversation): 'user' | 'system' | undefined {
  return conversation.principals.find(({ said }) => said.folded.includes(atom.folded))?.role;
}

function resourcesOf(atoms: Atom[]): string[] {
  const found = new Set<string>();
  for (const atom of atoms) {
    if (found.size === MAX_RESOURCES) break;
    const resource = resourceOf(atom);
    if (resource) found.add(resource);
  }
  return [...found];
}

function resourceOf({ kind, text, folded }: Atom): string | undefined {
  switch (kind) {
    case 'email':
      return `mail:${folded}`;
    case 'url': {
      const host = hostOf(text);
      return host && `host:${host}`;
    }
    case 'address':
      return folded.includes('/') ? `net:${folded}` : `host:${folded}`;
    case 'host':
      return `host:${folded}`;
    case 'account':
      return `account:${folded}`;
    case 'path':
      return `path:${safePath(text.trim())}`;
    default:
      return undefined;
  }
}
