import { digitsValue } from '../bytes/digits.ts';
import type { RecordBatch } from '../core/record-batch.ts';
import { ValueType } from '../core/value-type.ts';
import type { Field } from './field.ts';
import { type Judge, Verdict, verdictOf } from './verdict.ts';

/** What a field can be compared with. */
export type Literal = string | number | bigint | boolean | null;

/** The operators that compare. */
export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=';

const MINUS = 0x2d;
/** Integers with more digits are compared as bigints. */
const MAX_EXACT_DIGITS = 15;

/** `field <comparison> literal`. */
export function compareField(field: Field, comparison: Comparison, literal: Literal): Judge {
  const orderOf = ordering(literal);
  const holds = HOLDS[comparison];
  const isEquality = comparison === '==' || comparison === '!=';
  const ofOtherType = isEquality ? verdictOf(comparison === '!=') : Verdict.Undecided;
  return (batch, record) => {
    field.locate(batch, record);
    const order = orderOf(batch, field);
    return order === OTHER_TYPE ? ofOtherType : verdictOf(holds(order));
  };
}

const HOLDS: Record<Comparison, (order: number) => boolean> = {
  '==': (order) => order === 0,
  '!=': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

/** Whether a number satisfies a comparison with another one. */
export function compareNumbers(a: number, comparison: Comparison, b: number): boolean {
  return HOLDS[comparison](a - b);
}

/** No order: the values are of types that cannot be compared. */
const OTHER_TYPE = 2;

/** How the value of a field stands to the literal: below 0, 0, above 0 but at most 1, or OTHER_TYPE. */
function ordering(literal: Literal): (batch: RecordBatch, field: Field) => number {
  switch (typeof literal) {
    case 'string':
      return textOrdering(Buffer.from(literal));
    case 'number':
      return doubleOrdering(literal);
    case 'bigint':
      return integerOrdering(literal);
    case 'boolean':
      return (_, { type }) => {
        if (type !== ValueType.True && type !== ValueType.False) return OTHER_TYPE;
        return Number(type === ValueType.True) - Number(literal);
      };
    default:
      return (_, { type }) => (type === ValueType.Empty ? 0 : OTHER_TYPE);
  }
}

/** CEL orders text by code points; UTF-8 is in the same order. */
function textOrdering(literal: Buffer): (batch: RecordBatch, field: Field) => number {
  return ({ bytes }, { type, start, end }) => {
    if (type !== ValueType.String) return OTHER_TYPE;
    const length = Math.min(end - start, literal.length);
    for (let i = 0; i < length; i++) {
      const difference = bytes[start + i]! - literal[i]!;
      if (difference !== 0) return Math.sign(difference);
    }
    return Math.sign(end - start - literal.length);
  };
}

function doubleOrdering(literal: number): (batch: RecordBatch, field: Field) => number {
  return (batch, field) => {
    if (!isNumber(field)) return OTHER_TYPE;
    if (field.type === ValueType.Double || field.end - field.start <= MAX_EXACT_DIGITS) {
      return Math.sign(numberOf(batch, field) - literal);
    }
    // Comparison of a bigint with a double is exact in JavaScript.
    const value = BigInt(batch.text(field.start, field.end));
    return value < literal ? -1 : value > literal ? 1 : 0;
  };
}

function integerOrdering(literal: bigint): (batch: RecordBatch, field: Field) => number {
  const rounded = Number(literal);
  const isExact = BigInt(rounded) === literal && Number.isSafeInteger(rounded);
  return (batch, field) => {
    if (!isNumber(field)) return OTHER_TYPE;
    if (isExact && (field.type === ValueType.Double || field.end - field.start <= MAX_EXACT_DIGITS)) {
      return Math.sign(numberOf(batch, field) - rounded);
    }
    const text = batch.text(field.start, field.end);
    // Comparison of a bigint with a double is exact in JavaScript.
    const value = field.type === ValueType.Int ? BigInt(text) : Number(text);
    return value < literal ? -1 : value > literal ? 1 : 0;
  };
}

function isNumber({ type }: Field): boolean {
  return type === ValueType.Int || type === ValueType.Double;
}

/** The number that a field of a number holds; integers of many digits are rounded. */
function numberOf(batch: RecordBatch, { type, start, end }: Field): number {
  if (type === ValueType.Double || end - start > MAX_EXACT_DIGITS) return Number(batch.text(start, end));
  const { bytes } = batch;
  return bytes[start] === MINUS ? -digitsValue(bytes, start + 1, end) : digitsValue(bytes, start, end);
}

/** A test of text: `contains`, `startsWith`, `endsWith`. */
export type TextTest = 'contains' | 'startsWith' | 'endsWith';

/** `field.test("text")`. */
export function testText(field: Field, test: TextTest, text: string): Judge {
  const wanted = Buffer.from(text);
  return (batch, record) => {
    field.locate(batch, record);
    const { type, start, end } = field;
    if (type !== ValueType.String) return Verdict.Undecided;
    if (wanted.length > end - start) return Verdict.False;
    if (test === 'contains') return verdictOf(batch.bytes.subarray(start, end).includes(wanted));
    const at = test === 'startsWith' ? start : end - wanted.length;
    const { bytes } = batch;
    for (let i = 0; i < wanted.length; i++) if (bytes[at + i] !== wanted[i]) return Verdict.False;
    return Verdict.True;
  };
}
