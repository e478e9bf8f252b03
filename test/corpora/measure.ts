import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { outcomes } from '../../src/agent/cases.ts';
import type { RecordFields } from '../../src/agent/record-fields.ts';
import { frameInput, type TraceOptions } from '../../src/agent/trace-input.ts';
import type { CorpusFile, FieldReader } from './corpus-file.ts';
import { type ExpectedRecord, textOf } from './expected-record.ts';

/** How many values were compared, and how many agree. */
export interface Agreement {
  compared: number;
  agreed: number;
}

/** What a corpus and we say differently. */
export interface Disagreement {
  readonly path: string;
  /** The field in the corpus; `record`: no record of ours begins where one of the corpus does. */
  readonly field: string;
  readonly offset: number;
  readonly expected: string;
  readonly actual: string | undefined;
}

/** What became of one file. */
export interface Measure {
  readonly lines: number;
  /** Lines of records that every stage could read. */
  readonly parsedLines: number;
  /** The first lines of the other records. */
  readonly unparsed: readonly string[];
  readonly time: Agreement;
  readonly severity: Agreement;
  readonly fields: Agreement;
  readonly disagreements: readonly Disagreement[];
}

/** Runs a file through its pipeline and compares. */
export function measure(corpora: string, file: CorpusFile, pipeline: Omit<TraceOptions, 'stream'>): Measure {
  const path = join(corpora, file.path);
  const raw = readFileSync(path);
  const input = file.prepare === undefined ? raw : Buffer.from(file.prepare(raw.toString()));
  const options = { ...pipeline, stream: path };
  const records = outcomes(input, options);
  const bodies = bodiesOf(input, options);
  const failed = records.flatMap((record, i) => (record.get('marks')?.includes('parse_failed') ? [i] : []));
  const lineCounts = bodies.map((body) => (file.foreign?.test(body) ? 0 : body.split('\n').length));
  const count = (keys: Iterable<number>): number => [...keys].reduce((sum, i) => sum + lineCounts[i]!, 0);
  const comparison = new Comparison(file);
  const byOffset = recordsByOffset(input, bodies, records);
  const starts = [...byOffset.keys()];
  for (const expected of file.expected?.(path, input) ?? []) {
    const start = file.isInside ? starts.findLast((at) => at <= expected.offset) : expected.offset;
    comparison.add(expected, byOffset.get(start ?? -1));
  }
  return {
    lines: count(records.keys()),
    parsedLines: count(records.keys()) - count(failed),
    unparsed: failed.map((i) => bodies[i]!.split('\n')[0]!),
    ...comparison,
  };
}

/** The lines of each record, before any stage. */
function bodiesOf(input: Buffer, options: TraceOptions): string[] {
  const batch = frameInput(input, options);
  return Array.from({ length: batch.count }, (_, i) => batch.text(batch.bodyStart[i]!, batch.bodyEnd[i]!));
}

/** The records by where their first lines begin. */
function recordsByOffset(
  input: Buffer,
  bodies: readonly string[],
  records: readonly RecordFields[],
): Map<number, RecordFields> {
  const found = new Map<number, RecordFields>();
  let from = 0;
  for (const [i, body] of bodies.entries()) {
    const lines = body.split('\n');
    const offset = input.indexOf(lines[0]!, from);
    if (offset < 0) throw new Error(`Cannot find record ${i + 1} in its file`);
    found.set(offset, records[i]!);
    from = offset + Buffer.byteLength(lines[0]!);
    for (const line of lines.slice(1)) from = input.indexOf(line, from) + Buffer.byteLength(line);
  }
  return found;
}

class Comparison {
  readonly time: Agreement = { compared: 0, agreed: 0 };
  readonly severity: Agreement = { compared: 0, agreed: 0 };
  readonly fields: Agreement = { compared: 0, agreed: 0 };
  readonly disagreements: Disagreement[] = [];
  readonly #file: CorpusFile;

  constructor(file: CorpusFile) {
    this.#file = file;
  }

  add(expected: ExpectedRecord, actual: RecordFields | undefined): void {
    const { path, names = {}, levels = {} } = this.#file;
    const { offset, time, level, fields } = expected;
    if (actual === undefined) {
      this.#count(this.fields, false);
      this.disagreements.push({ path, field: 'record', offset, expected: 'a record', actual: undefined });
      return;
    }
    const compare = (
      agreement: Agreement,
      field: string,
      wanted: string,
      value: string | undefined,
      isSame: boolean,
    ) => {
      this.#count(agreement, isSame);
      if (!isSame) this.disagreements.push({ path, field, offset, expected: wanted, actual: value });
    };
    const ourTime = read(actual, 'time');
    if (time !== undefined) compare(this.time, 'time', time, ourTime, ourTime?.includes(time) ?? false);
    if (level !== undefined) {
      const ours = read(actual, 'severity_text');
      const wanted = levels[level] ?? level;
      compare(this.severity, 'severity', wanted, ours, ours?.toLowerCase() === wanted.toLowerCase());
    }
    for (const [name, reader] of Object.entries(names)) {
      const wanted = fields.get(name);
      if (wanted === undefined) continue;
      const value = read(actual, reader);
      compare(this.fields, name, wanted, value, isSameValue(wanted, value));
    }
  }

  #count(agreement: Agreement, isSame: boolean): void {
    agreement.compared++;
    if (isSame) agreement.agreed++;
  }
}

/** The value of a field of ours as text. */
export function read(record: RecordFields, reader: FieldReader): string | undefined {
  if (typeof reader === 'function') return reader(record);
  const value = record.get(reader);
  return value === undefined ? undefined : textOf(JSON.parse(value));
}

/** Numbers are the same however they are written; nothing, a dash and an empty text are the same nothing. */
function isSameValue(expected: string, actual: string | undefined): boolean {
  if (actual === undefined) return expected === '' || expected === '-' || expected === 'null';
  if (expected.trim() === actual.trim()) return true;
  return expected !== '' && actual !== '' && Number(expected) === Number(actual);
}
