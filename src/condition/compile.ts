import type { ASTNode } from '@marcbachmann/cel-js';
import { MATCH, TOO_COSTLY } from '../bytes/regex/linear-regex.ts';
import type { KeyTable } from '../core/key-table.ts';
import { ValueType } from '../core/value-type.ts';
import { type Comparison, compareField, compareNumbers, type Literal, type TextTest, testText } from './compare.ts';
import { SEVERITIES } from './environment.ts';
import { evaluate } from './evaluate.ts';
import { attributeOf, type Field, fieldOf, isAttributes } from './field.ts';
import { literalPattern } from './matches.ts';
import { type Judge, Verdict, verdictOf } from './verdict.ts';

/** The comparison that says the same with its sides swapped. */
const SWAPPED: Record<Comparison, Comparison> = {
  '==': '==',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

/**
 * Makes a judge of a checked expression. What most conditions are made of works on the bytes of the batch: comparisons
 * of a field with a literal, `in` a list of literals, `has()`, tests of text, and how these are joined. Any other part
 * goes to the library, as a whole.
 */
export function compile(node: ASTNode, keys: KeyTable): Judge {
  switch (node.op) {
    case '&&':
      return both(compile(node.args[0], keys), compile(node.args[1], keys));
    case '||':
      return either(compile(node.args[0], keys), compile(node.args[1], keys));
    case '!_':
      return not(compile((node as unknown as { args: ASTNode }).args, keys));
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return comparison(node.op, node.args[0], node.args[1], keys) ?? evaluate(node);
    case 'in':
      return membership(node.args[0], node.args[1], keys) ?? evaluate(node);
    case 'call':
      return presence(node.args, keys) ?? evaluate(node);
    case 'rcall':
      return textTest(node.args, keys) ?? evaluate(node);
    case '.':
    case '[]':
      return truth(node, keys) ?? evaluate(node);
    default:
      return evaluate(node);
  }
}

function both(left: Judge, right: Judge): Judge {
  const judge: Judge = (batch, record) => {
    const first = left(batch, record);
    if (first === Verdict.False) return first;
    const second = right(batch, record);
    return second === Verdict.True ? first : second;
  };
  judge.mayHoldIn = (batch) => (left.mayHoldIn?.(batch) ?? true) && (right.mayHoldIn?.(batch) ?? true);
  return judge;
}

function either(left: Judge, right: Judge): Judge {
  return (batch, record) => {
    const first = left(batch, record);
    if (first === Verdict.True) return first;
    const second = right(batch, record);
    return second === Verdict.False ? first : second;
  };
}

function not(judge: Judge): Judge {
  return (batch, record) => {
    const verdict = judge(batch, record);
    return verdict === Verdict.Undecided ? verdict : verdictOf(verdict === Verdict.False);
  };
}

function comparison(operator: Comparison, left: ASTNode, right: ASTNode, keys: KeyTable): Judge | undefined {
  const literal = literalOf(right);
  if (literal === undefined) {
    const swapped = literalOf(left);
    return swapped === undefined ? undefined : comparisonWith(right, SWAPPED[operator], swapped, keys);
  }
  return comparisonWith(left, operator, literal, keys);
}

function comparisonWith(node: ASTNode, operator: Comparison, literal: Literal, keys: KeyTable): Judge | undefined {
  if (node.op === 'id' && node.args === 'severity') {
    if (typeof literal !== 'bigint') return undefined;
    const number = Number(literal);
    return ({ severityNumber }, record) => verdictOf(compareNumbers(severityNumber[record]!, operator, number));
  }
  const field = fieldOf(node, keys);
  return field === undefined ? undefined : compareField(field, operator, literal);
}

function membership(left: ASTNode, right: ASTNode, keys: KeyTable): Judge | undefined {
  const name = literalOf(left);
  if (isAttributes(right)) return typeof name === 'string' ? hasAttribute(name, keys) : undefined;
  if (right.op !== 'list') return undefined;
  const judges: Judge[] = [];
  for (const item of right.args) {
    const literal = literalOf(item);
    const judge = literal === undefined ? undefined : comparisonWith(left, '==', literal, keys);
    if (judge === undefined) return undefined;
    judges.push(judge);
  }
  return judges.length === 0 ? undefined : judges.reduce(either);
}

function presence([name, args]: [string, ASTNode[]], keys: KeyTable): Judge | undefined {
  const [of] = args;
  const attribute = name === 'has' && of?.op === '.' ? attributeOf(of) : undefined;
  return attribute === undefined ? undefined : hasAttribute(attribute, keys);
}

function hasAttribute(name: string, keys: KeyTable): Judge {
  const key = keys.internText(name);
  const judge: Judge = (batch, record) => verdictOf(batch.find(record, key) !== 0);
  judge.mayHoldIn = (batch) => batch.hasKey(key);
  return judge;
}

function textTest([name, of, args]: [string, ASTNode, ASTNode[]], keys: KeyTable): Judge | undefined {
  const field = fieldOf(of, keys);
  const text = args.length === 1 ? literalOf(args[0]!) : undefined;
  if (field === undefined || typeof text !== 'string') return undefined;
  if (name === 'matches') return matches(field, text);
  return name === 'contains' || name === 'startsWith' || name === 'endsWith'
    ? testText(field, name satisfies TextTest, text)
    : undefined;
}

function matches(field: Field, pattern: string): Judge {
  const expression = literalPattern(pattern);
  return (batch, record) => {
    field.locate(batch, record);
    if (field.type !== ValueType.String) return Verdict.Undecided;
    const result = expression.test(batch.text(field.start, field.end));
    return result === TOO_COSTLY ? Verdict.Undecided : verdictOf(result === MATCH);
  };
}

/** An attribute that is true or false by itself. */
function truth(node: ASTNode, keys: KeyTable): Judge | undefined {
  const field = fieldOf(node, keys);
  if (field === undefined) return undefined;
  return (batch, record) => {
    field.locate(batch, record);
    if (field.type === ValueType.True) return Verdict.True;
    return field.type === ValueType.False ? Verdict.False : Verdict.Undecided;
  };
}

/** The value of a literal, also of a negative number and of the name of a severity; undefined: it is none of them. */
function literalOf(node: ASTNode): Literal | undefined {
  if (node.op === 'id') {
    return Object.hasOwn(SEVERITIES, node.args) ? BigInt(SEVERITIES[node.args as keyof typeof SEVERITIES]) : undefined;
  }
  if (node.op === '-_') {
    const value = literalOf((node as unknown as { args: ASTNode }).args);
    return typeof value === 'number' || typeof value === 'bigint' ? -value : undefined;
  }
  if (node.op !== 'value') return undefined;
  const { args: value } = node;
  return value === null || typeof value !== 'object' ? value : undefined;
}
