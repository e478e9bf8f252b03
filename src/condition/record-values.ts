import { NO_SPAN, type RecordBatch } from '../core/record-batch.ts';
import { ValueType } from '../core/value-type.ts';
import type { VARIABLES } from './environment.ts';

/** What each variable of a condition is for a record, as the library for CEL takes it. Makes garbage. */
export const VALUES: Record<keyof typeof VARIABLES, (batch: RecordBatch, record: number) => unknown> = {
  attributes: attributesOf,
  body: (batch, record) => celValue(batch, batch.bodyType[record]!, batch.bodyStart[record]!, batch.bodyEnd[record]!),
  resource: ({ stream }) => stream.resource.attributes,
  severity: ({ severityNumber }, record) => BigInt(severityNumber[record]!),
  severity_text: (batch, record) => batch.text(batch.severityStart[record]!, batch.severityEnd[record]!),
  span_id: (batch, record) => hexOf(batch, batch.spanId[record]!, 8),
  stream: ({ stream }) => stream.name,
  time: timeOf,
  trace_id: (batch, record) => hexOf(batch, batch.traceId[record]!, 16),
};

function attributesOf(batch: RecordBatch, record: number): Map<string, unknown> {
  const attributes = new Map<string, unknown>();
  for (let row = batch.firstAttribute[record]!; row !== 0; row = batch.attributeNext[row]!) {
    const value = celValue(batch, batch.attributeType[row]!, batch.attributeStart[row]!, batch.attributeEnd[row]!);
    attributes.set(batch.keyText(batch.attributeKey[row]!), value);
  }
  return attributes;
}

function celValue(batch: RecordBatch, type: number, start: number, end: number): unknown {
  switch (type) {
    case ValueType.Empty:
      return null;
    case ValueType.True:
      return true;
    case ValueType.False:
      return false;
  }
  const text = batch.text(start, end);
  switch (type) {
    case ValueType.Int:
      return BigInt(text);
    case ValueType.Double:
      return Number(text);
    case ValueType.Json:
      return JSON.parse(text, exactIntegers);
    case ValueType.TextList:
      return [text];
    default:
      return text;
  }
}

/** Whole numbers as bigints, as CEL has them. The type of `JSON.parse()` does not know its third argument yet. */
function exactIntegers(_: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source;
  return typeof value === 'number' && source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value;
}

/**
 * Cut off at the millisecond, as CEL's timestamps are here; null: unknown. A double would round what is just before a
 * second up to it.
 */
function timeOf({ time }: RecordBatch, record: number): Date | null {
  const [low, high] = [time[2 * record]!, time[2 * record + 1]!];
  if (low === 0 && high === 0) return null;
  return new Date(Number(((BigInt(high) << 32n) | BigInt(low)) / 1_000_000n));
}

/** The id in hexadecimal digits; '': there is none. */
function hexOf({ bytes }: RecordBatch, at: number, length: number): string {
  return at === NO_SPAN ? '' : bytes.toString('hex', at, at + length);
}
