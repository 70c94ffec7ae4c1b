/**
 * Provenance: for each tool call that the model asks for, who said its arguments first and whose words ask for it. This is what tells a
 * hijacked call from a wanted one, whatever the wording of the attack.
 */
import type { Message, ToolCall } from '../model/event.ts';
import type { AtomKind, CallOrder, ObservedCall, Provenance } from '../model/observation.ts';
import { type Atom, isTraced } from './atoms.ts';
import type { Fingerprinter } from './fingerprint.ts';
import { type Intent, intents } from './intents.ts';
import type { MessageMemory, ScannedText } from './memory.ts';
import type { Order } from './order.ts';
import { hostOf, safePath, shown } from './redact.ts';
import { type NamedTool, toolOf } from './tool.ts';
import { stems } from './words.ts';

/** Kinds that name a place or a party outside: copied, they say where something goes. */
const DESTINATIONS = new Set<AtomKind>(['email', 'url', 'host', 'account', 'address', 'path']);
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

type Principal = 'user' | 'system';

interface Result {
  tool: string;
  callId: string;
  call: ToolCall | undefined;
  said: ScannedText;
}

/** What has been said before a call, by whom. */
export interface Conversation {
  /** User and system prompt: those who may ask. */
  principals: { role: Principal; said: ScannedText }[];
  model: ScannedText[];
  results: Result[];
  /** True when a user pointed at a document to act on. */
  delegated: () => boolean;
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
    delegated: () => conversation.principals.some(({ role, said }) => role === 'user' && said.delegates),
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
      if (toolOf(tool).handsOver) conversation.model.push(said);
      else conversation.results.push({ tool, callId, call, said });
    } else conversation.principals.push({ role: message.role, said });
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
export function traceCall(
  call: ToolCall,
  conversation: Conversation,
  memory: MessageMemory,
  fingerprints: Fingerprinter,
): ObservedCall {
  const { left } = conversation;
  const given = call.arguments === '' ? undefined : memory.get(call.arguments);
  const atoms = (given?.atoms ?? []).slice(0, Math.max(LEAST_ATOMS, left.atoms));
  left.atoms -= atoms.length;
  const tool = toolOf(call.name);
  const { labels, acts } = tool;
  const principals = new Map(atoms.map((atom) => [atom, saidByPrincipal(atom, conversation)]));
  const traced = atoms.filter(isTraced);
  const answers = asksFor(acts, conversation);
  const foreign = traced.filter(
    (atom) =>
      atom.folded.length >= MIN_TRACED &&
      !isCommon(atom) &&
      principals.get(atom) === undefined &&
      !(answers && isSender(atom, conversation)),
  );
  const words = wordsOfAtoms(given, atoms, traced);
  return {
    id: call.id,
    tool: call.name,
    ...(call.server === undefined ? {} : { server: call.server }),
    labels,
    resources: resourcesOf(atoms),
    // A tool that says nothing of itself may hand a task on to another agent.
    programs: (labels.exec ?? 0) >= 0.5 || Object.keys(labels).length === 0 ? (given?.programs ?? []) : [],
    atoms: atoms.map((atom) => ({
      path: atom.path,
      kind: atom.kind,
      fingerprint: fingerprints.of(atom.folded),
      shown: shown(atom.kind, atom.text),
      from: originOf(atom, principals.get(atom), conversation),
    })),
    shingles: given?.shingles(fingerprints) ?? [],
    repeat: fingerprints.of(`${call.name}\0${call.arguments}`),
    asked: {
      act: answers ? 1 : 0,
      tool: share(tool.words, conversation.asks),
      args: share(words, conversation.asks),
      delegated: conversation.delegated(),
      destination: traced.some((atom) => DESTINATIONS.has(atom.kind) && !foreign.includes(atom)),
    },
    order: bestOrder(call.name, tool, words, foreign, conversation, memory),
  };
}

/** Remembered with the arguments, unless there was too much to trace. */
function wordsOfAtoms(given: ScannedText | undefined, atoms: Atom[], traced: Atom[]): readonly string[] {
  if (given !== undefined && atoms.length === given.atoms.length) return given.atomWords;
  return [...new Set(traced.flatMap((atom) => stems(atom.text)))];
}

/** True when a principal spoke of one of these kinds of act. */
function asksFor(acts: ReadonlySet<Intent>, { principals }: Conversation): boolean {
  for (const act of acts) if (principals.some(({ said }) => said.intents.has(act))) return true;
  return false;
}

function share(words: readonly string[], test: (word: string) => boolean): number {
  return words.length === 0 ? 1 : words.filter(test).length / words.length;
}

/** The order that explains the call best: same act, tool's words, atoms copied from it. Null when no tool result gives an order. */
function bestOrder(
  name: string,
  tool: NamedTool,
  words: readonly string[],
  foreign: Atom[],
  conversation: Conversation,
  memory: MessageMemory,
): CallOrder | null {
  const orders = countOrders(conversation);
  if (orders === 0) return null;
  const novel = words.filter((word) => !conversation.asks(word));
  const acts = [...tool.acts];
  let best: { fit: number; order: Order; result: Result; copied: Atom[]; sameAct: boolean } | undefined;
  const cost = 1 + novel.length + foreign.length;
  let passed = orders - Math.max(LEAST_ORDERS, Math.floor(conversation.left.comparisons / cost));
  const most = (acts.length > 0 ? 0.5 : 0) + (tool.words.length > 0 ? 0.5 : 0);
  const mostNovel = novel.length > 0 ? 0.5 : 0;
  for (const result of conversation.results) {
    for (const order of result.said.orders) {
      // The newest orders are weighed when there are too many.
      if (passed-- > 0) continue;
      conversation.left.comparisons -= cost;
      const copied = foreign.filter((atom) => order.folded.includes(atom.folded));
      const strong = copied.some((atom) => DESTINATIONS.has(atom.kind) || atom.kind === 'id');
      // Its words need not be looked at when even the best of them would not do.
      if (best !== undefined && order.strength * (most + (strong ? 1 : 0) + mostNovel) <= best.fit) continue;
      const sameAct = acts.some((act) => order.intents.has(act));
      const covered = part(novel, order);
      const named = part(tool.words, order);
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
    namesTool: result.said.text.includes(name),
    aboutUser: order.aboutUser,
    copied: [...new Set(copied.map((atom) => atom.kind))],
    sourceNamed:
      result.call !== undefined &&
      result.call.arguments !== '' &&
      memory
        .get(result.call.arguments)
        .atoms.some((atom) => atom.folded.length > MIN_TRACED && saidByPrincipal(atom, conversation) === 'user'),
    saidByUser: share([...order.stems], conversation.asks),
  };
}

/** Share of the words that an order has with its details; 0 of none. */
function part(words: readonly string[], order: Order): number {
  return words.length === 0 ? 0 : words.filter((word) => order.reach.has(word)).length / words.length;
}

function countOrders(conversation: Conversation): number {
  return conversation.results.reduce((count, { said }) => count + said.orders.length, 0);
}

function originOf(atom: Atom, principal: Principal | undefined, conversation: Conversation): Provenance {
  if (atom.folded.length < MIN_TRACED) return { by: 'nobody' };
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

function saidByPrincipal(atom: Atom, conversation: Conversation): Principal | undefined {
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
