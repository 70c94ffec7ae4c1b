/** The Observation: an Event without its text. The only thing that detectors see. */
import type { Change, NetworkKind, Operation, Place, PrincipalKind, Role, Status } from './event.ts';

/**
 * What a tool does, as far as it can be told: `source` reads content that outsiders can write · `read` reads private data ·
 * `sink` sends something out · `write` changes or stores something here · `exec` runs code or commands.
 */
export type ToolLabel = 'source' | 'read' | 'sink' | 'write' | 'exec';

/** Shape of an argument atom: the smallest part of an argument that can be copied from somewhere. */
export type AtomKind =
  | 'email'
  | 'url'
  | 'host'
  | 'address'
  | 'account'
  | 'amount'
  | 'date'
  | 'path'
  | 'id'
  | 'name'
  | 'text'
  | 'code';

/** Who said an atom first: the user, the system prompt, the model itself, a tool result, or nobody seen so far. */
export interface Provenance {
  by: Role | 'nobody';
  /** The tool whose result said it, when `by` is `tool`. */
  tool?: string;
  /** The call that returned it, as the source numbers it. */
  callId?: string;
  /** 0 to 1: how much the words around it in that tool result read like an order to the agent. */
  order?: number;
}

export interface ArgumentAtom {
  /** JSON path in the arguments, array positions as `[]`: `to`, `body.items[].url`. */
  path: string;
  kind: AtomKind;
  /** Keyed fingerprint of the normalised atom: equal atoms have equal fingerprints within one fingerprint key. */
  fingerprint: string;
  /** Short form for people, safe to show: `e…@example.net`, `GB…02`, `24 characters`. */
  shown: string;
  from: Provenance;
}

/**
 * The order in a tool result that best explains a call. Facts only; a detector weighs them.
 * Orders are sentences that tell their reader to act; those of the user are requests and are not listed here.
 */
export interface CallOrder {
  /** Whose result held it, and the call that returned it. */
  tool: string;
  callId: string;
  /** 0 to 1: how plainly it is an order. */
  strength: number;
  /** The result tries to take the reader over ("ignore your instructions", "before you can go on"). */
  takesOver: boolean;
  /** It speaks of the same kind of act as the call. */
  sameAct: boolean;
  /** It names the tool as the program calls it. */
  namesTool: boolean;
  /** It speaks of the user as a third person, or of "my" things in someone else's text. */
  aboutUser: boolean;
  /** Kinds of the argument atoms that stand in it and that the user never said. */
  copied: AtomKind[];
  /** 0 to 1: share of its words that the user had said too. */
  saidByUser: number;
  /** The user had named the document, address or id that the result came from. */
  sourceNamed: boolean;
}

/** How far the user's own words ask for a call; each from 0 (not at all) to 1. */
export interface CallRequest {
  /** The kind of act. */
  act: number;
  /** The words of the tool's name. */
  tool: number;
  /** The words of the arguments. */
  args: number;
  /** The user pointed at a document to act on ("as described in …"). */
  delegated: boolean;
  /** The user gave a destination of their own in this call. */
  destination: boolean;
}

/**
 * What the wording of a tool's definition does beside describing the tool. `hidden` characters that people do not see · `conceals` the
 * user is not to know · `orders` the model is told what to do beyond this tool · `alters` it changes what happens when something else is
 * called · `refers` it names another tool · `credential` it names a place where secrets lie · `grabs` the content of such a place is to
 * be passed on · `asks-secret`, `asks-context` a parameter asks for a secret, for the conversation or for the prompt · `sink` something
 * is to be sent to an address.
 */
export type ToolFact =
  | 'hidden'
  | 'conceals'
  | 'orders'
  | 'alters'
  | 'refers'
  | 'credential'
  | 'grabs'
  | 'asks-secret'
  | 'asks-context'
  | 'sink';

/** A tool as it was offered to the model: facts about its definition, without its words. */
export interface OfferedTool {
  /** At most 160 characters. */
  name: string;
  /** MCP server, where the name (`mcp__server__tool`) or the record tells. */
  server?: string;
  /** Of the whole definition: the order of keys, numbers, and the values of enumerations do not matter. */
  fingerprint: string;
  /** Of names and types of the parameters alone. */
  parameters: string;
  facts: ToolFact[];
}

/** A tool call that the model asked for in this record. */
export interface ObservedCall {
  id: string;
  tool: string;
  server?: string;
  labels: Partial<Record<ToolLabel, number>>;
  /** Where it points, as `scheme:value` (`mail:a@example.net`, `host:example.net`, `path:/etc/hosts`); bounded, first 16. A range of
   * addresses is `net:192.0.2.0/24`. */
  resources: string[];
  /** For tools that run commands or say nothing of themselves: names of the programs that start or are asked for, lower case, without
   * path; at most 16. */
  programs: string[];
  atoms: ArgumentAtom[];
  /** Fingerprints of 32-character shingles of the arguments, sampled, bounded. */
  shingles: string[];
  /** Fingerprint of tool and arguments as logged: equal for a call that is repeated to the letter. */
  repeat: string;
  asked: CallRequest;
  /** The best explanation outside the user's words, or null. */
  order: CallOrder | null;
}

/** A tool result that is new in this record (not part of the history seen before). */
export interface ObservedResult {
  callId: string;
  tool: string;
  labels: Partial<Record<ToolLabel, number>>;
  bytes: number;
  error: boolean;
  /** Fingerprint of the whole result. */
  fingerprint: string;
  shingles: string[];
}

/**
 * A content signal: something that a message says, with who said it. `kind` is one of the signal kinds of `scan`
 * (`override`, `target`, `transfer`, `conceal`, `encode`, `hidden-text`, …).
 */
export interface ContentSignal {
  kind: string;
  /** 0 to 1, before the role is weighed. */
  score: number;
  role: Role;
  tool?: string;
  /** Offsets in the message's original text. */
  span: [number, number];
  /** Decoding steps that led to it, outermost first: `base64`, `rot13`, …; empty for plain text. */
  decoded: string[];
}

/** Something in a new message that has a form of its own: never the thing itself, only what it is and its keyed fingerprint. */
export interface ObservedArtefact {
  /** `hidden` are characters that nobody sees, `canary` is text that was put in one place and belongs nowhere else. */
  kind: 'secret' | 'personal' | 'link' | 'hidden' | 'canary';
  /** What it is: `github-token`, `password`; `card`, `iban`; `image-data`, `drop-host`; `tags`, `bidi`, `invisible`; a canary's kind. */
  type: string;
  /** 0 to 1: how sure it is what it looks like. */
  confidence: number;
  role: Role;
  /** The tool whose result holds it, or, with `argument`, the tool that it was handed to. */
  tool?: string;
  argument?: true;
  /** Keyed: equal for equal values. For hidden characters, of what they say. */
  fingerprint: string;
  /** For a secret that is a key: the form in which a record's `credential` names it. */
  credential?: string;
  /** Offsets in the message's original text. */
  span: [number, number];
  /** Decoding steps that led to it, outermost first; empty for plain text. */
  decoded: string[];
  /** Hidden characters. */
  count?: number;
  /** For hidden characters: they spell something. */
  spells?: true;
  /** For a canary: the place it was put in, the week of its token, and which of its 25 windows were seen. */
  canary?: { place: string; week: number; windows: number[] };
}

export interface Observation {
  id: string;
  /** Event time, epoch milliseconds. */
  time: number;
  operation: Operation;
  format: string;
  tenant: string;
  principal?: string;
  principalKind?: PrincipalKind;
  session?: string;
  credential?: string;
  credentialKind?: 'master' | 'static' | 'temporary';
  scopes?: string[];
  /** From the inventory: who answers for the key, when it was made and when it ends (epoch milliseconds; null: never). */
  credentialOwner?: string;
  credentialCreated?: number;
  credentialExpires?: number | null;
  agent?: string;
  agentVersion?: string;
  parent?: string;
  trace?: string;
  team?: string;
  endpoint?: string;
  route?: string;
  /** Client network: the address's /24 (IPv4) or /48 (IPv6), or an inventory name. */
  network?: string;
  /** From the inventory, where `network` is a name of it. */
  networkKind?: NetworkKind;
  /** Where the client address is, from the inventory's databases of addresses. */
  place?: Place;
  /** Product family of the user agent: `python-requests`, `openai-node`. */
  client?: string;
  provider?: string;
  model?: string;
  status: Status;
  errorType?: string;
  httpStatus?: number;
  inputTokens?: number;
  outputTokens?: number;
  costUsd?: number;
  durationMs?: number;
  stream?: boolean;
  guardrail?: 'flagged' | 'blocked';
  guardrailScan?: { passed: boolean; characters?: number };
  change?: Change;
  /** Number of user messages so far: calls of one user turn share it. */
  turn: number;
  calls: ObservedCall[];
  results: ObservedResult[];
  signals: ContentSignal[];
  /** What the classifier makes of new messages of the user and of tools: `score` is the probability of the intent that `kind` names
   * (`exfiltration`, `prompt_leak`, `injection`, `jailbreak`, `encoding`; `attack` is any of them), `span` the passage that says most. */
  intents?: ContentSignal[];
  /** Words of the answer that repeat the system prompt in runs of eight and more; absent when none does. */
  promptShown?: number;
  /** Keys that stand in a tool result new in this record, in the form that `credential` has: the same key used later is recognised. */
  seenCredentials: string[];
  /** Artefacts of new messages and of the answer's tool calls, bounded for each kind; absent when there are none. */
  artefacts?: ObservedArtefact[];
  /** Fingerprints of sampled shingles of the answer, as `results` have them; absent when no tool has said anything yet. */
  answerShingles?: string[];
  /** Fingerprint of the system prompt and of the list of offered tools, where logged. */
  systemPrompt?: string;
  toolList?: string;
  /** Fingerprint of their definitions, in any order. */
  toolDefinitions?: string;
  /** The offered tools, at most 256. Equal lists are one object while they are remembered: never change it. */
  offered?: readonly OfferedTool[];
  /** What of the call could be read: false means that detectors could not judge it. */
  coverage: { content: boolean; identity: boolean; tools: boolean };
}
