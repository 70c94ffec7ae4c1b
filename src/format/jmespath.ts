/** JMESPath expressions for untrusted records: only what costs time linear in the record is allowed, and no failure leaves. */
import { compile, type JSONValue, TreeInterpreter } from '@jmespath-community/jmespath';
import { isObj, type Obj } from './read.ts';

/** Undefined where the expression finds nothing, or cannot be applied to this record. */
export type Query = (unit: Obj) => unknown;

type Node = ReturnType<typeof compile>;

/**
 * Functions that cost no more than their arguments' size, with the position of the argument that must be written out: taken from the record,
 * a separator or pattern could be as long as the text itself.
 */
const FUNCTIONS: ReadonlyMap<string, number | undefined> = new Map([
  ...[
    ...[
      'abs',
      'avg',
      'ceil',
      'floor',
      'keys',
      'length',
      'lower',
      'map',
      'max',
      'max_by',
      'merge',
      'min',
      'min_by',
      'not_null',
    ],
    ...['reverse', 'sort', 'sort_by', 'sum', 'to_array', 'to_number', 'to_string', 'type', 'upper', 'values', 'zip'],
  ].map((name): [string, undefined] => [name, undefined]),
  ['contains', 1],
  ['ends_with', 1],
  ['starts_with', 1],
  ['split', 1],
  ['join', 0],
]);

/**
 * Compiles an expression.
 * @throws Error with one line that says what is wrong with it
 */
export function compileQuery(expression: string): Query {
  const node = compile(expression);
  inspect(node, false);
  const names = namesOf(node);
  if (names !== undefined) return (unit) => walk(unit, names);
  return (unit) => {
    try {
      const found: unknown = TreeInterpreter.search(node, unit as JSONValue);
      // Names that every object inherits are found as functions.
      return found === null || typeof found === 'function' ? undefined : found;
    } catch {
      return undefined;
    }
  };
}

/** Names of a plain path (`a.b.c`), which most expressions are: walking it directly costs a fraction of interpreting it. */
function namesOf(node: Node): string[] | undefined {
  if (node.type === 'Field') return [node.name];
  if (node.type !== 'Subexpression') return undefined;
  const left = namesOf(node.left);
  const right = namesOf(node.right);
  return left && right && [...left, ...right];
}

function walk(unit: Obj, names: readonly string[]): unknown {
  let value: unknown = unit;
  for (const name of names) {
    if (!isObj(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value ?? undefined;
}

/** What JMESPath counts as true: everything but nothing, false, and empty text, list or object. */
export function isTrue(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '') return false;
  if (typeof value !== 'object') return true;
  return (Array.isArray(value) ? value.length : Object.keys(value).length) > 0;
}

/** @param each true for parts that are worked out once per element of the record: there the whole record must not be walked again. */
function inspect(node: Node, each: boolean): void {
  switch (node.type) {
    case 'LetExpression':
    case 'Variable':
      throw new Error('let and variables are not supported');
    case 'Root':
      if (each) throw new Error('$ cannot be used inside a projection, filter or &expression');
      return;
    case 'Literal':
      return;
    case 'Function':
      inspectFunction(node);
  }
  for (const [name, part] of Object.entries(node)) {
    const inner = each || isPerElement(node.type, name);
    for (const child of Array.isArray(part) ? part : [part]) if (isNode(child)) inspect(child, inner);
  }
}

function inspectFunction(node: Extract<Node, { type: 'Function' }>): void {
  if (!FUNCTIONS.has(node.name))
    throw new Error(`there is no function ${node.name}; there are ${[...FUNCTIONS.keys()].join(', ')}`);
  const literal = FUNCTIONS.get(node.name);
  const argument = literal === undefined ? undefined : node.children[literal];
  if (argument !== undefined && argument.type !== 'Literal')
    throw new Error(`argument ${Number(literal) + 1} of ${node.name} must be a text in single quotes`);
}

function isPerElement(type: Node['type'], name: string): boolean {
  if (type === 'ExpressionReference') return true;
  return type.endsWith('Projection') && name !== 'left';
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}
