import type { ASTNode } from '@marcbachmann/cel-js';
import { celLibrary } from './library.ts';

/** As much of a tree as is needed to write it down. */
export interface Tree {
  readonly op: string;
  readonly args: unknown;
}

/** How tight operators bind; what is not here binds tightest, and needs no parentheses. */
const PRECEDENCE: Readonly<Record<string, number>> = {
  '?:': 1,
  '||': 2,
  '&&': 3,
  ...Object.fromEntries(['==', '!=', '<', '<=', '>', '>=', 'in'].map((operator) => [operator, 4])),
  '+': 5,
  '-': 5,
  '*': 6,
  '/': 6,
  '%': 6,
  '!_': 7,
  '-_': 7,
};
const CHOICE = 1;
const RELATION = 4;
const TIGHTEST = 8;

/**
 * A tree as CEL. The library's own writer loses the parentheses of `a - (b - c)` and of `a == (b == c)`, the digits of
 * small doubles and characters beyond U+FFFF. Without parentheses that are not needed: their depth has a limit.
 */
export function celText(tree: Tree): string {
  const { op, args } = tree;
  const parts = args as readonly Tree[];
  switch (op) {
    case 'value':
      return valueText(tree);
    case 'id':
      return String(args);
    case '!_':
    case '-_':
      return `${op[0]}${operand(args as Tree, TIGHTEST)}`;
    case '.':
      return `${operand(parts[0]!, TIGHTEST)}.${String(parts[1])}`;
    case '[]':
      return `${operand(parts[0]!, TIGHTEST)}[${celText(parts[1]!)}]`;
    case '[?]':
      return `${operand(parts[0]!, TIGHTEST)}[?${celText(parts[1]!)}]`;
    case 'call':
      return callText(args as Call);
    case 'rcall': {
      const [name, of, given] = args as MethodCall;
      return `${operand(of, TIGHTEST)}.${callText([name, given])}`;
    }
    case 'list':
      return `[${parts.map(celText).join(', ')}]`;
    case 'map':
      return `{${(args as readonly (readonly [Tree, Tree])[]).map((entry) => entry.map(celText).join(': ')).join(', ')}}`;
    case '?:':
      return `${operand(parts[0]!, CHOICE + 1)} ? ${operand(parts[1]!, CHOICE + 1)} : ${celText(parts[2]!)}`;
    default:
      return binaryText(op, parts);
  }
}

type Call = readonly [name: string, args: readonly Tree[]];
type MethodCall = readonly [name: string, of: Tree, args: readonly Tree[]];

function callText([name, args]: Call): string {
  return `${name}(${args.map(celText).join(', ')})`;
}

/** Operators of one kind are read from the left; what compares is in parentheses on both sides. */
function binaryText(op: string, [left, right]: readonly Tree[]): string {
  const own = PRECEDENCE[op];
  if (own === undefined) throw new Error(`Cannot write expression: unknown operator ${op}`);
  return `${operand(left!, own === RELATION ? own + 1 : own)} ${op} ${operand(right!, own + 1)}`;
}

/** What an operator is applied to, in parentheses where it binds less than `least`. */
function operand(tree: Tree, least: number): string {
  return (PRECEDENCE[tree.op] ?? TIGHTEST) < least ? `(${celText(tree)})` : celText(tree);
}

function valueText(tree: Tree): string {
  const { args: value } = tree;
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'number') return celLibrary().serialize(tree as ASTNode);
  const text = String(value);
  return /^\d+$/.test(text) ? `${text}.0` : text;
}
