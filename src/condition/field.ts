import type { ASTNode } from '@marcbachmann/cel-js';
import type { KeyTable } from '../core/key-table.ts';
import type { RecordBatch } from '../core/record-batch.ts';
import { ValueType } from '../core/value-type.ts';

/** A value of a record that lies in the batch as it is: `locate()` sets where. */
export abstract class Field {
  type: number = ValueType.Empty;
  start = 0;
  end = 0;

  /** Finds the value in a record. What is not there is of type Empty, `null` to CEL. */
  abstract locate(batch: RecordBatch, record: number): void;
}

/** An attribute. */
export class AttributeField extends Field {
  readonly #key: number;

  constructor(key: number) {
    super();
    this.#key = key;
  }

  locate(batch: RecordBatch, record: number): void {
    const row = batch.find(record, this.#key);
    this.type = row === 0 ? ValueType.Empty : batch.attributeType[row]!;
    this.start = batch.attributeStart[row]!;
    this.end = batch.attributeEnd[row]!;
  }
}

class BodyField extends Field {
  locate(batch: RecordBatch, record: number): void {
    this.type = batch.bodyType[record]!;
    this.start = batch.bodyStart[record]!;
    this.end = batch.bodyEnd[record]!;
  }
}

class SeverityTextField extends Field {
  locate(batch: RecordBatch, record: number): void {
    this.type = ValueType.String;
    this.start = batch.severityStart[record]!;
    this.end = batch.severityEnd[record]!;
  }
}

/** The field that an expression is, or undefined: it is something else. */
export function fieldOf(node: ASTNode, keys: KeyTable): Field | undefined {
  const name = attributeOf(node);
  if (name !== undefined) return new AttributeField(keys.internText(name));
  if (node.op !== 'id') return undefined;
  if (node.args === 'body') return new BodyField();
  return node.args === 'severity_text' ? new SeverityTextField() : undefined;
}

/** The attribute that `attributes.name` or `attributes["name"]` names; undefined: the expression is something else. */
export function attributeOf(node: ASTNode): string | undefined {
  if (node.op === '.') return isAttributes(node.args[0]) ? node.args[1] : undefined;
  if (node.op !== '[]') return undefined;
  const [of, index] = node.args;
  return isAttributes(of) && index.op === 'value' && typeof index.args === 'string' ? index.args : undefined;
}

/** Whether the expression is the word `attributes`. */
export function isAttributes(node: ASTNode): boolean {
  return node.op === 'id' && node.args === 'attributes';
}
