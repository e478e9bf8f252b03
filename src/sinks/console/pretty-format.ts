import { ByteBuffer } from '../../bytes/byte-buffer.ts';
import { RecordValueWriter } from '../../codec/json/record-value.ts';
import { splitUnixNano } from '../../codec/json/unix-nano-text.ts';
import { marksOf } from '../../codec/otlp/marks.ts';
import { printable } from '../../core/printable.ts';
import type { RecordBatch } from '../../core/record-batch.ts';
import { ValueType } from '../../core/value-type.ts';
import type { RecordFormat } from './format.ts';
import { type SeverityName, severityName } from './severity-name.ts';

const RESET = '\u001b[0m';
const DIM = '\u001b[2m';
const YELLOW = '\u001b[33m';
const COLOURS: Record<SeverityName, string> = {
  TRACE: DIM,
  DEBUG: DIM,
  INFO: '\u001b[36m',
  WARN: YELLOW,
  ERROR: '\u001b[31m',
  FATAL: '\u001b[1;31m',
};

const SEVERITY_WIDTH = 5;
const INDENT = '    ';
const FILE_NAME = 'log.file.name';

/**
 * Records for people, a line each; a body of several lines goes on below, indented, so that no line of it can pass for
 * a record.
 *
 * ```
 * 12:34:56.789 ERROR request failed [truncated] http.route=/cart error.type="not found" app.log
 *     at handle (cart.js:12)
 * ```
 * The time is UTC: the record's own, or when it was read. No control character of a record gets through.
 */
export class PrettyFormat implements RecordFormat {
  readonly #hasColour: boolean;
  readonly #json = new ByteBuffer();
  readonly #values = new RecordValueWriter(this.#json);
  readonly #time = { seconds: 0, nanos: 0 };

  constructor(options: { hasColour: boolean }) {
    this.#hasColour = options.hasColour;
  }

  render(batch: RecordBatch): string {
    let text = '';
    for (let record = 0; record < batch.count; record++) if (batch.isLive(record)) text += this.#line(batch, record);
    return text;
  }

  #line(batch: RecordBatch, record: number): string {
    const type = batch.bodyType[record]! as ValueType;
    const hasBody = type !== ValueType.Empty;
    const body = hasBody ? this.#text(batch, type, batch.bodyStart[record]!, batch.bodyEnd[record]!) : '';
    const [first = '', ...others] = body.split(/\r?\n/);
    const parts = [this.#timeOf(batch, record), this.#severityOf(batch, record)];
    if (first !== '') parts.push(printable(first));
    const marks = marksOf(batch.flags[record]!);
    if (marks.length > 0) parts.push(this.#painted(YELLOW, `[${marks.join(' ')}]`));
    const context = this.#contextOf(batch, record);
    if (context !== '') parts.push(this.#painted(DIM, context));
    const continued = others.map((line) => `${INDENT}${printable(line.replace(/^\t+/, spaces))}\n`);
    return `${parts.join(' ')}\n${continued.join('')}`;
  }

  #timeOf(batch: RecordBatch, record: number): string {
    const low = batch.time[2 * record]!;
    const high = batch.time[2 * record + 1]!;
    splitUnixNano(low, high, this.#time);
    const { seconds, nanos } = this.#time;
    const unixMs = low === 0 && high === 0 ? batch.observedUnixMs : 1000 * seconds + Math.floor(nanos / 1e6);
    return this.#painted(DIM, new Date(unixMs).toISOString().slice(11, 23));
  }

  #severityOf(batch: RecordBatch, record: number): string {
    const name = severityName(batch.severityNumber[record]!);
    if (name !== undefined) return this.#painted(COLOURS[name], name.padEnd(SEVERITY_WIDTH));
    return printable(batch.text(batch.severityStart[record]!, batch.severityEnd[record]!)).padEnd(SEVERITY_WIDTH);
  }

  /** The attributes as `key=value`, and the name of the file alone, behind them. */
  #contextOf(batch: RecordBatch, record: number): string {
    const parts: string[] = [];
    let file = '';
    for (let row = batch.firstAttribute[record]!; row !== 0; row = batch.attributeNext[row]!) {
      const key = batch.keyText(batch.attributeKey[row]!);
      const type = batch.attributeType[row]! as ValueType;
      const text = this.#text(batch, type, batch.attributeStart[row]!, batch.attributeEnd[row]!);
      // What is JSON is written without control characters, and reads better without more quotes.
      const value = type === ValueType.Json || type === ValueType.TextList ? text : quotedWhereNeeded(text);
      if (key === FILE_NAME) file = value;
      else parts.push(`${quotedWhereNeeded(key)}=${value}`);
    }
    if (file !== '') parts.push(file);
    return parts.join(' ');
  }

  #text(batch: RecordBatch, type: ValueType, start: number, end: number): string {
    if (type === ValueType.Empty) return 'null';
    if (type !== ValueType.Json && type !== ValueType.TextList) return batch.text(start, end);
    this.#json.length = 0;
    this.#values.append(batch.bytes, type, start, end);
    return this.#json.written().toString();
  }

  #painted(colour: string, text: string): string {
    return this.#hasColour ? `${colour}${text}${RESET}` : text;
  }
}

/** Stack traces are indented by tabs. */
function spaces(tabs: string): string {
  return INDENT.repeat(tabs.length);
}

/** The text as logfmt has it: in quotes, with escapes, where it is empty or would not read as one value. */
function quotedWhereNeeded(text: string): string {
  if (/^[^\s"=\\]+$/.test(text) && printable(text) === text) return text;
  return `"${printable(text.replace(/["\\]/g, '\\$&'))}"`;
}
