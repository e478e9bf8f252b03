import { KeyTable } from '../../src/core/key-table.ts';
import { NO_SPAN, RecordBatch } from '../../src/core/record-batch.ts';
import { Resource } from '../../src/core/resource.ts';
import { ValueType } from '../../src/core/value-type.ts';

export const OBSERVED_UNIX_MS = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

/** A batch whose records are `bodies`, as if a file had held them a line each. */
export function batchOf(
  bodies: readonly (string | Uint8Array)[],
  keys = new KeyTable(),
  resource = new Resource(),
): RecordBatch {
  const batch = new RecordBatch(keys, 1024);
  batch.reset({ id: 'test', name: 'test.log', resource }, OBSERVED_UNIX_MS);
  for (const body of bodies) {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    const start = batch.appendBytes(bytes, 0, bytes.length);
    batch.addRecord(start, batch.byteLength);
  }
  return batch;
}

/** A record as a plain object, the way tests like to compare it. */
export interface PlainRecord {
  readonly body: unknown;
  readonly attributes: Record<string, unknown>;
  readonly timeUnixNano: bigint;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly flags: number;
}

export function plainRecord(batch: RecordBatch, record: number): PlainRecord {
  const entries: [string, unknown][] = [];
  for (let row = batch.firstAttribute[record]!; row !== 0; row = batch.attributeNext[row]!) {
    const [type, start, end] = [batch.attributeType[row]!, batch.attributeStart[row]!, batch.attributeEnd[row]!];
    entries.push([batch.keyText(batch.attributeKey[row]!), plainValue(batch, type, start, end)]);
  }
  const hex = (at: number, length: number): string =>
    at === NO_SPAN ? '' : batch.bytes.toString('hex', at, at + length);
  return {
    body: plainValue(batch, batch.bodyType[record]!, batch.bodyStart[record]!, batch.bodyEnd[record]!),
    attributes: Object.fromEntries(entries),
    timeUnixNano: (BigInt(batch.time[2 * record + 1]!) << 32n) | BigInt(batch.time[2 * record]!),
    severityNumber: batch.severityNumber[record]!,
    severityText: batch.text(batch.severityStart[record]!, batch.severityEnd[record]!),
    traceId: hex(batch.traceId[record]!, 16),
    spanId: hex(batch.spanId[record]!, 8),
    flags: batch.flags[record]!,
  };
}

/** The attributes of one record; integers beyond 2^53 are bigints. */
export function attributesOf(batch: RecordBatch, record = 0): Record<string, unknown> {
  return plainRecord(batch, record).attributes;
}

function plainValue(batch: RecordBatch, type: number, start: number, end: number): unknown {
  const text = batch.text(start, end);
  switch (type) {
    case ValueType.Empty:
      return null;
    case ValueType.String:
      return text;
    case ValueType.Int:
      return Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text);
    case ValueType.Double:
      return Number(text);
    case ValueType.True:
      return true;
    case ValueType.False:
      return false;
    case ValueType.Json:
      return JSON.parse(text);
    case ValueType.TextList:
      return [text];
    default:
      throw new Error(`Unknown value type ${type}`);
  }
}
