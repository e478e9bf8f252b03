import fc from 'fast-check';
import { KeyTable } from '../../src/core/key-table.ts';
import { RecordBatch, RecordFlag } from '../../src/core/record-batch.ts';
import type { Resource } from '../../src/core/resource.ts';
import { ValueType } from '../../src/core/value-type.ts';
import { OBSERVED_UNIX_MS } from './batch.ts';
import {
  hostileKey,
  hostileText,
  type JsonModel,
  type JsonStyle,
  jsonModel,
  jsonNumber,
  jsonStyle,
  jsonTextOf,
} from './json-model.ts';

/** The flags that a record can leave the stages with. */
const MARKS = Object.values(RecordFlag).filter((flag) => flag !== RecordFlag.Dropped && flag !== RecordFlag.PassedOver);

/** A value of a record, as what it means and how it stands in the batch. */
export type ValueModel =
  | { readonly kind: 'empty' }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'list'; readonly value: string }
  | { readonly kind: 'number'; readonly digits: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'json'; readonly model: JsonModel; readonly style: JsonStyle };

/** A record, from which a batch and what must come out of it can be made. */
export interface RecordModel {
  readonly body: ValueModel;
  readonly attributes: readonly (readonly [string, ValueModel])[];
  readonly timeUnixNano: bigint;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly traceId: Uint8Array | undefined;
  readonly spanId: Uint8Array | undefined;
  readonly traceFlags: number;
  readonly flags: number;
}

const value: fc.Arbitrary<ValueModel> = fc.oneof(
  fc.constant({ kind: 'empty' as const }),
  hostileText.map((value) => ({ kind: 'text' as const, value })),
  hostileText.map((value) => ({ kind: 'list' as const, value })),
  jsonNumber.map((digits) => ({ kind: 'number' as const, digits })),
  fc.boolean().map((value) => ({ kind: 'boolean' as const, value })),
  fc.tuple(jsonModel, jsonStyle).map(([model, style]) => ({ kind: 'json' as const, model, style })),
);

const id = (length: number) => fc.option(fc.uint8Array({ minLength: length, maxLength: length }), { nil: undefined });

/** Any record that a stage may leave. */
export const recordModel: fc.Arbitrary<RecordModel> = fc.record(
  {
    body: value,
    attributes: fc.uniqueArray(fc.tuple(hostileKey, value), {
      maxLength: 5,
      selector: ([key]) => key.toWellFormed(),
    }),
    timeUnixNano: fc.oneof(fc.constant(0n), fc.bigInt({ min: 1n, max: 2n ** 64n - 1n })),
    severityNumber: fc.integer({ min: 0, max: 24 }),
    severityText: fc.oneof(fc.constant(''), hostileText),
    traceId: id(16),
    spanId: id(8),
    traceFlags: fc.nat({ max: 255 }),
    flags: fc.subarray(MARKS).map(sum),
  },
  { noNullPrototype: true },
);

/** A batch with these records. A table with little room makes most keys local to the batch. */
export function batchOfModels(
  records: readonly RecordModel[],
  resource: Resource,
  keys = new KeyTable(4),
): RecordBatch {
  const batch = new RecordBatch(keys, 64);
  batch.reset({ id: 'test', name: 'test.log', resource }, OBSERVED_UNIX_MS);
  for (const model of records) addRecord(batch, model);
  return batch;
}

function addRecord(batch: RecordBatch, model: RecordModel): void {
  const record = batch.addRecord(0, 0, model.flags);
  batch.setBody(record, typeOf(model.body), ...append(batch, model.body));
  for (const [key, attribute] of model.attributes) {
    const keyStart = batch.appendText(key);
    const id = batch.internKey(keyStart, batch.byteLength);
    batch.addSpan(record, id, typeOf(attribute), ...append(batch, attribute));
  }
  batch.time[2 * record] = Number(model.timeUnixNano & 0xffffffffn);
  batch.time[2 * record + 1] = Number(model.timeUnixNano >> 32n);
  batch.severityNumber[record] = model.severityNumber;
  batch.severityStart[record] = batch.appendText(model.severityText);
  batch.severityEnd[record] = batch.byteLength;
  if (model.traceId !== undefined) batch.traceId[record] = batch.appendBytes(model.traceId, 0, 16);
  if (model.spanId !== undefined) batch.spanId[record] = batch.appendBytes(model.spanId, 0, 8);
  batch.traceFlags[record] = model.traceFlags;
}

function append(batch: RecordBatch, value: ValueModel): [start: number, end: number] {
  const start = batch.appendText(textOf(value));
  return [start, batch.byteLength];
}

function textOf(value: ValueModel): string {
  switch (value.kind) {
    case 'empty':
      return '';
    case 'text':
    case 'list':
      return value.value;
    case 'number':
      return value.digits;
    case 'boolean':
      return String(value.value);
    case 'json':
      return jsonTextOf(value.model, value.style);
    default:
      return value satisfies never;
  }
}

function typeOf(value: ValueModel): ValueType {
  switch (value.kind) {
    case 'empty':
      return ValueType.Empty;
    case 'text':
      return ValueType.String;
    case 'list':
      return ValueType.TextList;
    case 'number':
      return numberTypeOf(value.digits);
    case 'boolean':
      return value.value ? ValueType.True : ValueType.False;
    case 'json':
      return ValueType.Json;
    default:
      return value satisfies never;
  }
}

/** How a number is kept: an integer beyond 64 bits as text, because a double would lose digits. */
export function numberTypeOf(digits: string): ValueType {
  if (/[.eE]/.test(digits)) return ValueType.Double;
  return BigInt.asIntN(64, BigInt(digits)) === BigInt(digits) ? ValueType.Int : ValueType.String;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
