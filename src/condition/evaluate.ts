import type { ASTNode } from '@marcbachmann/cel-js';
import type { RecordBatch } from '../core/record-batch.ts';
import { celText, type Tree } from './cel-text.ts';
import { celEnvironment, MATCHES, VARIABLES } from './environment.ts';
import { literalPattern } from './matches.ts';
import { VALUES } from './record-values.ts';
import { type Judge, Verdict, verdictOf } from './verdict.ts';

/** Has the library evaluate a condition: right for all of CEL, and slow. */
export function evaluate(node: ASTNode): Judge {
  const read = evaluator(node);
  return (batch, record) => {
    try {
      const value = read(batch, record);
      return typeof value === 'boolean' ? verdictOf(value) : Verdict.Undecided;
    } catch {
      return Verdict.Undecided;
    }
  };
}

/** The same of any expression: what it gives for a record. That throws for what is an error to CEL. */
export function evaluator(node: ASTNode): (batch: RecordBatch, record: number) => unknown {
  // Not a piece of the input: the range of an expression leaves out parentheses at its ends.
  const text = celText(withNulls(node));
  const expression = celEnvironment().parse(text);
  const names = (Object.keys(VARIABLES) as (keyof typeof VARIABLES)[]).filter((name) => uses(text, name));
  return (batch, record) => {
    const context: Record<string, unknown> = {};
    for (const name of names) context[name] = VALUES[name](batch, record);
    return expression(context) as unknown;
  };
}

/**
 * The expression with `attributes[?"name"].orValue(null)` in the place of `attributes.name`: what is not there is null
 * here, and an error to the library. `has()` needs it as it is. And `matches()` is one of our own.
 */
function withNulls(node: Tree): Tree {
  const { op, args } = node;
  if (op === 'call' && (args as readonly unknown[])[0] === 'has') return node;
  if (op === 'rcall' && (args as readonly unknown[])[0] === 'matches') return withGuard(args as MatchesCall);
  if ((op === '.' || op === '[]') && isNamed((args as readonly Tree[])[0]!)) {
    const [of, name] = args as [Tree, string | Tree];
    const index = typeof name === 'string' ? { op: 'value', args: name } : withNulls(name);
    return { op: 'rcall', args: ['orValue', { op: '[?]', args: [of, index] }, [{ op: 'value', args: null }]] };
  }
  return { op, args: mapTrees(args) };
}

type MatchesCall = readonly [name: string, of: Tree, args: readonly Tree[]];

/** `text.matches(pattern)` as a call of what costs linear time. Throws for a literal that is wrong. */
function withGuard([, of, args]: MatchesCall): Tree {
  const [pattern] = args;
  if (pattern?.op === 'value' && typeof pattern.args === 'string') literalPattern(pattern.args);
  return { op: 'rcall', args: [MATCHES, withNulls(of), args.map(withNulls)] };
}

function mapTrees(args: unknown): unknown {
  if (Array.isArray(args)) return args.map(mapTrees);
  return typeof args === 'object' && args !== null && 'op' in args ? withNulls(args as Tree) : args;
}

/** Whether the expression is a map of the record in which a name may be missing. */
function isNamed({ op, args }: Tree): boolean {
  return op === 'id' && (args === 'attributes' || args === 'resource');
}

/** Whether the word occurs in the expression; in a text, too, which does no harm. */
function uses(text: string, name: string): boolean {
  return new RegExp(`\\b${name}\\b`).test(text);
}
