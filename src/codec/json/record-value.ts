import type { ByteBuffer } from '../../bytes/byte-buffer.ts';
import { ValueType } from '../../core/value-type.ts';
import { appendBytes } from './append-bytes.ts';
import { CompactJsonWriter } from './compact-json.ts';
import { appendJsonString, appendTextList } from './write-string.ts';

const NULL = Buffer.from('null');
const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');

/** Appends values of records, bodies and attributes of any type, to `out` as compact JSON. Numbers keep their digits. */
export class RecordValueWriter {
  readonly #out: ByteBuffer;
  readonly #json: CompactJsonWriter;

  constructor(out: ByteBuffer) {
    this.#out = out;
    this.#json = new CompactJsonWriter(out);
  }

  /** Appends the value of that type, a ValueType, whose text is `source[start, end)`. O(length). */
  append(source: Buffer, type: number, start: number, end: number): void {
    switch (type) {
      case ValueType.Empty:
        this.#out.append(NULL);
        break;
      case ValueType.True:
        this.#out.append(TRUE);
        break;
      case ValueType.False:
        this.#out.append(FALSE);
        break;
      case ValueType.String:
        appendJsonString(this.#out, source, start, end);
        break;
      case ValueType.TextList:
        appendTextList(this.#out, source, start, end);
        break;
      case ValueType.Json:
        this.#json.append(source, start, end);
        break;
      default:
        appendBytes(this.#out, source, start, end);
    }
  }
}
