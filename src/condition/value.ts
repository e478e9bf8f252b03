import type { ASTNode } from '@marcbachmann/cel-js';
import type { ConfigError } from '../core/errors.ts';
import type { ValueReader } from '../core/instruments.ts';
import { KeyTable } from '../core/key-table.ts';
import type { RecordBatch } from '../core/record-batch.ts';
import { ValueType } from '../core/value-type.ts';
import { attributesIn } from './attributes-in.ts';
import { type CelError, expressionError, wrongExpression } from './condition.ts';
import { celEnvironment, SEVERITIES, VARIABLES } from './environment.ts';
import { evaluator } from './evaluate.ts';
import { AttributeField, Field, fieldOf } from './field.ts';
import { celLibrary } from './library.ts';

/** An expression that gives a value of each record, checked. */
export interface ValueExpression {
  /** The attribute that it names, and nothing else; undefined: it is something else. */
  readonly attribute: string | undefined;
  /** The names of the attributes that it looks at; undefined: it may look at any. */
  readonly attributes: ReadonlySet<string> | undefined;
  /** Makes what reads it, for batches that use `keys`. */
  build(keys: KeyTable): ValueReader;
}

/** A name with dots, as attributes have: CEL has no variables of these names. */
const NAME = /^[A-Za-z_@][\w.@-]*$/;
const WORDS: ReadonlySet<string> = new Set([
  ...Object.keys(VARIABLES),
  ...Object.keys(SEVERITIES),
  ...['true', 'false', 'null'],
]);
/** What a value of a record can be; lists and maps are none. */
const VALUE_TYPES = new Set(['dyn', 'string', 'int', 'uint', 'double', 'bool', 'null', 'google.protobuf.Timestamp']);

/**
 * Reads and checks an expression: the name of an attribute as it is, or CEL. The error's path is empty.
 * `loadConditions()` must have resolved.
 */
export function parseValue(text: string): ValueExpression | ConfigError {
  const [first = ''] = text.split('.');
  if (NAME.test(text) && !WORDS.has(first)) {
    return { attribute: text, attributes: new Set([text]), build: (keys) => new AttributeField(keys.internText(text)) };
  }
  let tree: ASTNode;
  try {
    const { valid, type, error } = celEnvironment().parse(text).check();
    if (!valid) return wrongExpression('expression', text, error as CelError);
    if (!VALUE_TYPES.has(String(type))) {
      return expressionError('expression', text, `it gives ${String(type)}`, 'Expected text, a number, true or false');
    }
    tree = celLibrary().parse(text).ast;
    readerOf(tree, new KeyTable());
  } catch (error) {
    return wrongExpression(
      'expression',
      text,
      error instanceof SyntaxError ? { summary: error.message } : (error as CelError),
    );
  }
  return { attribute: undefined, attributes: attributesIn(tree), build: (keys) => readerOf(tree, keys) };
}

/** A field is read where it lies; any other expression is evaluated by the library. */
function readerOf(node: ASTNode, keys: KeyTable): ValueReader {
  if (node.op === 'value' && typeof node.args === 'string') return new ConstantField(node.args);
  return fieldOf(node, keys) ?? new EvaluatedField(node);
}

/** The same text for every record. */
class ConstantField extends Field {
  readonly #bytes: Buffer;

  constructor(text: string) {
    super();
    this.#bytes = Buffer.from(text);
    this.type = ValueType.String;
  }

  locate(batch: RecordBatch): void {
    this.start = batch.appendBytes(this.#bytes, 0, this.#bytes.length);
    this.end = batch.byteLength;
  }
}

/** What the library makes of the record, as text. An error gives an empty text, which no number is. */
class EvaluatedField extends Field {
  readonly #valueOf: (batch: RecordBatch, record: number) => unknown;

  constructor(node: ASTNode) {
    super();
    this.#valueOf = evaluator(node);
  }

  locate(batch: RecordBatch, record: number): void {
    const value = this.#evaluate(batch, record);
    const text = value instanceof Date ? value.toISOString() : typeof value === 'object' ? '' : String(value);
    this.type = value === null || value === undefined ? ValueType.Empty : ValueType.String;
    this.start = batch.appendText(text);
    this.end = batch.byteLength;
  }

  #evaluate(batch: RecordBatch, record: number): unknown {
    try {
      return this.#valueOf(batch, record);
    } catch {
      return '';
    }
  }
}
