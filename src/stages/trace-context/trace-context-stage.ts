import { readB3, readTraceparent, SPAN_ID_BYTES, TRACE_ID_BYTES } from '../../codec/trace-context/headers.ts';
import { readDecimalId, readFlags, readHexId, saysNoId } from '../../codec/trace-context/ids.ts';
import type { Stage } from '../../core/contracts.ts';
import { NO_SPAN, type RecordBatch } from '../../core/record-batch.ts';
import { ValueType } from '../../core/value-type.ts';
import type { FieldTable } from '../field-table.ts';
import { FORMS, type Form } from './forms.ts';

const ROW = Object.fromEntries(FORMS.map((form, index) => [form, index])) as Record<Form, number>;

const ID_BYTES = TRACE_ID_BYTES + SPAN_ID_BYTES;
/** The flag that W3C calls `sampled`. */
const SAMPLED = 1;
/** What Datadog writes is hexadecimal when it has 128 bits. */
const HEX_TRACE_ID_LENGTH = 2 * TRACE_ID_BYTES;

type ReadId = typeof readHexId;
type ReadHeader = typeof readTraceparent;

/**
 * Moves the trace context of a record from its attributes to its own fields. The best header or pair of ids that can be
 * read counts; attributes of others are left alone.
 */
export class TraceContextStage implements Stage {
  readonly #fields: FieldTable;
  readonly #keep: boolean;
  /** Whether an attribute of the record is none of its form. */
  #isBroken = false;

  constructor(fields: FieldTable, keep: boolean) {
    this.#fields = fields;
    this.#keep = keep;
  }

  process(batch: RecordBatch): void {
    for (let record = 0; record < batch.count; record++) {
      if (!batch.isLive(record) || !this.#fields.find(batch, record)) continue;
      this.#isBroken = false;
      this.#read(batch, record);
      if (this.#isBroken) batch.fail(record, 'no trace context of that form');
    }
  }

  #read(batch: RecordBatch, record: number): void {
    const { rows } = this.#fields;
    // Ids are written where the arena has room; it is used up when they are whole.
    batch.reserve(ID_BYTES);
    if (this.#takeHeader(batch, record, rows[ROW.traceparent]!, readTraceparent)) return;
    if (this.#takeIds(batch, record, rows[ROW.trace_id]!, rows[ROW.span_id]!, readHexId)) {
      this.#takeFlags(batch, record, rows[ROW.trace_flags]!, rows[ROW.sampled]!);
      return;
    }
    if (this.#takeHeader(batch, record, rows[ROW.b3]!, readB3)) return;
    this.#takeIds(batch, record, rows[ROW.datadog_trace_id]!, rows[ROW.datadog_span_id]!, readDatadogId);
  }

  #takeHeader(batch: RecordBatch, record: number, row: number, read: ReadHeader): boolean {
    if (!this.#hasText(batch, row)) return false;
    const { bytes, byteLength } = batch;
    const flags = read(bytes, batch.attributeStart[row]!, batch.attributeEnd[row]!, bytes, byteLength);
    if (flags < 0) {
      this.#isBroken = true;
      return false;
    }
    batch.traceId[record] = byteLength;
    batch.spanId[record] = byteLength + TRACE_ID_BYTES;
    batch.traceFlags[record] = flags;
    batch.byteLength += ID_BYTES;
    this.#remove(batch, record, row);
    return true;
  }

  /** A span id without a trace id means nothing, and stays. */
  #takeIds(batch: RecordBatch, record: number, traceRow: number, spanRow: number, read: ReadId): boolean {
    if (!this.#readId(batch, traceRow, read, TRACE_ID_BYTES)) return false;
    batch.traceId[record] = batch.byteLength;
    batch.byteLength += TRACE_ID_BYTES;
    batch.spanId[record] = NO_SPAN;
    batch.traceFlags[record] = 0;
    this.#remove(batch, record, traceRow);
    if (this.#readId(batch, spanRow, read, SPAN_ID_BYTES)) {
      batch.spanId[record] = batch.byteLength;
      batch.byteLength += SPAN_ID_BYTES;
      this.#remove(batch, record, spanRow);
    }
    return true;
  }

  #readId(batch: RecordBatch, row: number, read: ReadId, size: number): boolean {
    if (!this.#hasText(batch, row)) return false;
    const { bytes, byteLength } = batch;
    const isRead = read(bytes, batch.attributeStart[row]!, batch.attributeEnd[row]!, bytes, byteLength, size);
    if (!isRead) this.#isBroken = true;
    return isRead;
  }

  #takeFlags(batch: RecordBatch, record: number, flagsRow: number, sampledRow: number): void {
    if (flagsRow !== 0 && batch.attributeType[flagsRow] !== ValueType.Empty) {
      const flags = readFlags(batch.bytes, batch.attributeStart[flagsRow]!, batch.attributeEnd[flagsRow]!);
      if (flags >= 0) {
        batch.traceFlags[record] = flags;
        this.#remove(batch, record, flagsRow);
      } else {
        this.#isBroken = true;
      }
    }
    if (sampledRow === 0 || batch.attributeType[sampledRow] === ValueType.Empty) return;
    const decision = sampledOf(batch, sampledRow);
    if (decision < 0) {
      this.#isBroken = true;
      return;
    }
    batch.traceFlags[record]! |= decision;
    this.#remove(batch, record, sampledRow);
  }

  /** Whether the attribute is there and says something. */
  #hasText(batch: RecordBatch, row: number): boolean {
    if (row === 0 || batch.attributeType[row] === ValueType.Empty) return false;
    return !saysNoId(batch.bytes, batch.attributeStart[row]!, batch.attributeEnd[row]!);
  }

  #remove(batch: RecordBatch, record: number, row: number): void {
    if (!this.#keep) batch.remove(record, batch.attributeKey[row]!);
  }
}

/** Decimal, as `dd.trace_id` mostly is, or hexadecimal with all its 128 bits. */
function readDatadogId(
  bytes: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  at: number,
  size: number,
): boolean {
  const read = end - start === HEX_TRACE_ID_LENGTH ? readHexId : readDecimalId;
  return read(bytes, start, end, target, at, size);
}

/** `true`, `1` and `d` are sampled, `false` and `0` are not; -1: anything else. */
function sampledOf(batch: RecordBatch, row: number): number {
  const type = batch.attributeType[row]!;
  if (type === ValueType.True) return SAMPLED;
  if (type === ValueType.False) return 0;
  const text = batch.text(batch.attributeStart[row]!, batch.attributeEnd[row]!).toLowerCase();
  if (text === '1' || text === 'd' || text === 'true') return SAMPLED;
  return text === '0' || text === 'false' ? 0 : -1;
}
