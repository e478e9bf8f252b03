import type { TimeZone } from '../../bytes/time-zone.ts';
import { setUnixNano } from '../../bytes/unix-nano.ts';
import { KlogLine } from '../../codec/klog/klog-line.ts';
import type { KeyTable } from '../../core/key-table.ts';
import type { RecordBatch } from '../../core/record-batch.ts';
import { ValueType } from '../../core/value-type.ts';
import { AttributeWriter } from '../attribute-writer.ts';
import type { TextReader } from '../parser.ts';
import { KlogPairs } from './klog-pairs.ts';

/** Reads lines of klog and glog into records. */
export class KlogReader implements TextReader {
  readonly #line: KlogLine;
  readonly #writer = new AttributeWriter();
  readonly #pairs: KlogPairs;
  readonly #fileKey: number;
  readonly #lineKey: number;
  readonly #threadKey: number;

  constructor(zone: TimeZone, hasTypes: boolean, keys: KeyTable) {
    this.#line = new KlogLine(zone);
    this.#pairs = new KlogPairs(hasTypes, this.#writer);
    this.#fileKey = keys.internText('code.file.path');
    this.#lineKey = keys.internText('code.line.number');
    this.#threadKey = keys.internText('thread.id');
  }

  read(batch: RecordBatch, record: number, start: number, end: number): string | undefined {
    const line = this.#line;
    if (!line.read(batch.bytes, start, end, batch.observedUnixMs)) return 'no header of klog';
    if (!setUnixNano(batch.time, record, line.time.seconds, line.time.nanos)) return 'a time before 1970 or after 2554';
    const writer = this.#writer;
    const last = batch.lastAttribute[record]!;
    writer.begin(batch, record);
    const isStructured = this.#pairs.read(batch, record, line.messageStart, line.messageEnd);
    if (!isStructured) {
      // A message that only looks like one: what was read of it is forgotten.
      batch.truncateAttributes(record, last);
      writer.begin(batch, record);
    }
    writer.set(batch, record, this.#threadKey, ValueType.Int, line.threadStart, line.threadEnd);
    writer.set(batch, record, this.#fileKey, ValueType.String, line.fileStart, line.fileEnd);
    writer.set(batch, record, this.#lineKey, ValueType.Int, line.lineStart, line.lineEnd);
    writer.finish(batch, record);
    batch.severityNumber[record] = line.severity;
    batch.severityStart[record] = line.severityAt;
    batch.severityEnd[record] = line.severityAt + 1;
    if (isStructured) batch.setBody(record, ValueType.String, this.#pairs.start, this.#pairs.end);
    else batch.setBody(record, ValueType.String, line.messageStart, line.messageEnd);
    return undefined;
  }
}
