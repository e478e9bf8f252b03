import { copyWords } from '../../bytes/copy-words.ts';
import { digitsEnd } from '../../bytes/digits.ts';
import type { TimeZone } from '../../bytes/time-zone.ts';
import { setUnixNano } from '../../bytes/unix-nano.ts';
import { parseSyslogLine, type SyslogFormat } from '../../codec/syslog/parse-line.ts';
import { SYSLOG_SEVERITY_NAMES, SYSLOG_SEVERITY_NUMBERS } from '../../codec/syslog/priority.ts';
import { walkStructuredData } from '../../codec/syslog/structured-data.ts';
import { SyslogLine } from '../../codec/syslog/syslog-line.ts';
import { SyslogTime } from '../../codec/syslog/syslog-time.ts';
import type { KeyTable } from '../../core/key-table.ts';
import type { RecordBatch } from '../../core/record-batch.ts';
import { ValueType } from '../../core/value-type.ts';
import { AttributeWriter } from '../attribute-writer.ts';
import type { TextReader } from '../parser.ts';
import { StructuredData } from './structured-data.ts';

/** Process numbers have fewer digits; what has more is text. */
const MAX_PID_DIGITS = 10;

/** The bytes that a priority stands for, in a slot of 16: the number of the facility, then the name of the severity. */
const SLOT = 16;
const PRIORITY_TEXTS = Buffer.alloc(193 * SLOT);
for (let priority = 0; priority < 192; priority++) {
  PRIORITY_TEXTS.write(`${priority >> 3}${SYSLOG_SEVERITY_NAMES[priority & 7]}`, priority * SLOT);
}
const PRIORITY_VIEW = new DataView(PRIORITY_TEXTS.buffer, PRIORITY_TEXTS.byteOffset, PRIORITY_TEXTS.length);

/** Reads lines of syslog into records. */
export class SyslogReader implements TextReader {
  readonly #format: SyslogFormat;
  readonly #time: SyslogTime;
  readonly #line = new SyslogLine();
  readonly #writer = new AttributeWriter();
  readonly #structuredData = new StructuredData(this.#writer);
  readonly #keys;

  constructor(format: SyslogFormat, zone: TimeZone, keys: KeyTable) {
    this.#format = format;
    this.#time = new SyslogTime(zone);
    this.#keys = {
      host: keys.internText('host.name'),
      app: keys.internText('syslog.appname'),
      pid: keys.internText('process.pid'),
      process: keys.internText('syslog.procid'),
      messageId: keys.internText('syslog.msgid'),
      facility: keys.internText('syslog.facility'),
      version: keys.internText('syslog.version'),
    };
  }

  read(batch: RecordBatch, record: number, start: number, end: number): string | undefined {
    const line = this.#line;
    const why = parseSyslogLine(batch.bytes, start, end, this.#format, this.#time, batch.observedUnixMs, line);
    if (why !== undefined) return why;
    if (line.hasTime && !setUnixNano(batch.time, record, line.time.seconds, line.time.nanos)) {
      return 'a time before 1970 or after 2554';
    }
    const writer = this.#writer;
    const keys = this.#keys;
    writer.begin(batch, record);
    this.#set(batch, record, keys.host, ValueType.String, line.hostStart, line.hostEnd);
    this.#set(batch, record, keys.app, ValueType.String, line.appStart, line.appEnd);
    if (isPid(batch.bytes, line.processStart, line.processEnd)) {
      this.#set(batch, record, keys.pid, ValueType.Int, line.processStart, line.processEnd);
    } else {
      this.#set(batch, record, keys.process, ValueType.String, line.processStart, line.processEnd);
    }
    this.#set(batch, record, keys.messageId, ValueType.String, line.messageIdStart, line.messageIdEnd);
    this.#set(batch, record, keys.version, ValueType.Int, line.versionStart, line.versionEnd);
    if (line.priority >= 0) this.#setPriority(batch, record, line.priority);
    if (line.dataEnd > line.dataStart) {
      this.#structuredData.begin(batch, record);
      walkStructuredData(batch.bytes, line.dataStart, line.dataEnd, this.#structuredData);
    }
    writer.finish(batch, record);
    batch.setBody(record, ValueType.String, line.messageStart, line.messageEnd);
    return undefined;
  }

  #set(batch: RecordBatch, record: number, key: number, type: ValueType, start: number, end: number): void {
    if (end > start) this.#writer.set(batch, record, key, type, start, end);
  }

  #setPriority(batch: RecordBatch, record: number, priority: number): void {
    const from = priority * SLOT;
    const facilityLength = priority < 80 ? 1 : 2;
    const severity = priority & 7;
    batch.reserve(SLOT);
    const start = batch.byteLength;
    const text = from + facilityLength + SYSLOG_SEVERITY_NAMES[severity]!.length;
    batch.byteLength = copyWords(batch.view, start, PRIORITY_VIEW, from, text);
    this.#writer.set(batch, record, this.#keys.facility, ValueType.Int, start, start + facilityLength);
    batch.severityNumber[record] = SYSLOG_SEVERITY_NUMBERS[severity]!;
    batch.severityStart[record] = start + facilityLength;
    batch.severityEnd[record] = batch.byteLength;
  }
}

function isPid(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > MAX_PID_DIGITS || (bytes[start] === 0x30 && end - start > 1)) return false;
  return digitsEnd(bytes, start, end) === end;
}
