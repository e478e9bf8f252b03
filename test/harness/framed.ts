import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import { KeyTable } from '../../src/core/key-table.ts';
import { RecordBatch } from '../../src/core/record-batch.ts';
import { Resource } from '../../src/core/resource.ts';
import type { FramedRecords, Framing } from '../../src/framing/framer.ts';
import { type Format, Framings, type Grouping } from '../../src/framing/framings.ts';
import { JUDGES, type Language } from '../../src/framing/multiline/languages.ts';
import { plainRecord } from './batch.ts';

const keys = new KeyTable();
/** Used again for each slice, as a pool does it. */
const batch = new RecordBatch(keys, 64);
const STREAM = { id: 'test', name: 'test.log', resource: new Resource() };

/** A record as the tests of framing compare it. */
export interface FramedRecord {
  readonly body: string;
  readonly flags?: number;
  readonly stream?: unknown;
  readonly time?: bigint;
}

/** What became of an input over all its slices. */
export interface FramedInput {
  readonly records: FramedRecord[];
  readonly consumed: number;
  readonly resume: string;
  readonly counts: Pick<
    FramedRecords,
    'emptyLines' | 'oversizeRestBytes' | 'nulFillBytes' | 'ungroupedRecords' | 'failedRecords'
  >;
}

/** How an input is read. */
export interface Reading {
  readonly maxRecordBytes?: number;
  readonly maxRecords?: number;
  /** What comes after each other: so many bytes at a time, over and over; all at once where there are none. */
  readonly cuts?: readonly number[];
  /** What is known at the end of the input. */
  readonly end?: 'more' | 'quiet' | 'final';
  readonly resume?: string;
}

/** A framing as a file source makes it. */
export function framingOf(format: Format, grouping?: Partial<Grouping> | Language, maxRecordBytes = 1 << 20): Framing {
  const rules = typeof grouping === 'string' ? { judge: JUDGES[grouping] } : grouping;
  return new Framings({
    maxRecordBytes,
    grouping: rules && { judge: JUDGES.java, maxLines: 2000, waitMs: 1000, ...rules },
    keys,
  }).of(format);
}

type FramedOptions = Parameters<Framing['frame']>[3];

/** Frames one slice, which does not start at the start of the arena and has other bytes behind it. */
export function frameSlice(framing: Framing, input: Uint8Array, options: FramedOptions) {
  batch.reset(STREAM, 0);
  batch.appendText('before\n');
  const start = batch.appendBytes(input, 0, input.length);
  const end = batch.byteLength;
  batch.appendText('behind\n');
  const framed = framing.frame(batch, start, end, options);
  const records = Array.from({ length: batch.count }, (_, record): FramedRecord => {
    assert.ok(isUtf8(batch.bytes.subarray(batch.bodyStart[record], batch.bodyEnd[record])), 'a body is not UTF-8');
    const { body, flags, attributes, timeUnixNano } = plainRecord(batch, record);
    const stream = attributes['log.iostream'];
    return {
      body: String(body),
      ...(flags === 0 ? {} : { flags }),
      ...(stream === undefined ? {} : { stream }),
      ...(timeUnixNano === 0n ? {} : { time: timeUnixNano }),
    };
  });
  return { framed, records };
}

/** Frames an input as a file source reads it: slices that start at what is not consumed yet. */
export function frameInput(framing: Framing, input: string | Uint8Array, reading: Reading = {}): FramedInput {
  const bytes = typeof input === 'string' ? Buffer.from(input) : input;
  const { maxRecordBytes = 1 << 20, maxRecords = 1000, cuts = [], end = 'quiet' } = reading;
  const records: FramedRecord[] = [];
  const counts = { emptyLines: 0, oversizeRestBytes: 0, nulFillBytes: 0, ungroupedRecords: 0, failedRecords: 0 };
  let consumed = 0;
  let resume = reading.resume ?? 'line';
  let readTo = 0;
  for (let i = 0; readTo < bytes.length || i === 0; i++) {
    readTo = Math.min(bytes.length, readTo + (cuts[i % cuts.length] ?? bytes.length));
    for (;;) {
      const isEnd = readTo === bytes.length;
      const { framed, records: added } = frameSlice(framing, bytes.subarray(consumed, readTo), {
        resume,
        maxRecordBytes,
        maxRecords,
        isFinal: isEnd && end === 'final',
        isQuiet: isEnd && end === 'quiet',
        hasHoles: true,
        offset: consumed,
      });
      records.push(...added);
      for (const key of Object.keys(counts) as (keyof typeof counts)[]) counts[key] += framed[key];
      const isStill = framed.consumed === 0 && framed.resume === resume;
      assert.ok(!isStill || added.length === 0, 'records were added, and nothing says so');
      consumed += framed.consumed;
      resume = framed.resume;
      if (isStill) break;
    }
  }
  return { records, consumed, resume, counts };
}
