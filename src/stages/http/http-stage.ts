import { digitsEnd, digitsValue } from '../../bytes/digits.ts';
import { AccessLine, Part } from '../../codec/clf/access-line.ts';
import { isKnownMethod, parseRequest } from '../../codec/clf/parse-request.ts';
import { AddressSpans, readAddress } from '../../codec/http/address.ts';
import { readTarget, readUrl, UrlSpans } from '../../codec/http/url.ts';
import { integerType } from '../../codec/json/scan.ts';
import type { Stage } from '../../core/contracts.ts';
import type { RecordBatch } from '../../core/record-batch.ts';
import { ValueType } from '../../core/value-type.ts';
import type { FieldTable } from '../field-table.ts';
import type { HttpField } from './fields.ts';
import type { HttpAttributes } from './http-attributes.ts';

/** The fields in the order in which they are read: what the request line says counts more than what others say. */
export const READ_ORDER = [
  'method',
  'url',
  'query',
  'protocol',
  'request',
  'status',
  'size',
  'scheme',
  'host',
  'forwarded_for',
  'client',
  'user_agent',
] as const satisfies readonly HttpField[];

const SLASH = 0x2f;
const ASTERISK = 0x2a;
const DASH = 0x2d;
const COMMA = 0x2c;
const POINT = 0x2e;
const QUESTION = 0x3f;
const ZERO = 0x30;
const ONE = 0x31;

/** Longer words are no methods. */
const MAX_METHOD = 32;
/** Longer words are no schemes. */
const MAX_SCHEME = 32;

const HTTP = Buffer.from('http/');
const UNKNOWN = Buffer.from('unknown');

/** Reads the value [start, end) of a field; `row` is its attribute. False: it is none. Takes it out before it sets others. */
type ReadField = (batch: RecordBatch, record: number, row: number, start: number, end: number) => boolean;

/**
 * Gives attributes of HTTP requests the names and forms that the semantic conventions have for them. 400 ns for a request
 * of five attributes (test/bench/micro/normalize.bench.ts).
 */
export class HttpStage implements Stage {
  readonly #fields: FieldTable;
  readonly #attributes: HttpAttributes;
  readonly #keep: boolean;
  readonly #readers: readonly ReadField[];
  readonly #reasons = READ_ORDER.map((field) => `no ${field.replaceAll('_', ' ')} of HTTP`);
  readonly #request = new AccessLine();
  readonly #url = new UrlSpans();
  readonly #address = new AddressSpans();
  /** Whether the address of the client was forwarded by a proxy. */
  #isForwarded = false;

  /** The things that `fields` finds are those of `READ_ORDER`. */
  constructor(fields: FieldTable, attributes: HttpAttributes, keep: boolean) {
    this.#fields = fields;
    this.#attributes = attributes;
    this.#keep = keep;
    const readers: Record<HttpField, ReadField> = {
      method: (...field) => this.#readMethod(...field),
      url: (...field) => this.#readUrl(...field),
      query: (...field) => this.#readQuery(...field),
      protocol: (...field) => this.#readProtocol(...field),
      request: (...field) => this.#readRequest(...field),
      status: (...field) => this.#readStatus(...field),
      size: (...field) => this.#readSize(...field),
      scheme: (...field) => this.#readScheme(...field),
      host: (...field) => this.#readHost(...field),
      forwarded_for: (...field) => this.#readForwardedFor(...field),
      client: (...field) => this.#readClient(...field),
      user_agent: (...field) => this.#readUserAgent(...field),
    };
    this.#readers = READ_ORDER.map((field) => readers[field]);
  }

  process(batch: RecordBatch): void {
    const { rows } = this.#fields;
    for (let record = 0; record < batch.count; record++) {
      if (!batch.isLive(record) || !this.#fields.find(batch, record)) continue;
      this.#isForwarded = false;
      let why = -1;
      for (let field = 0; field < rows.length; field++) {
        if (rows[field] !== 0 && !this.#readField(batch, record, rows[field]!, field) && why < 0) why = field;
      }
      if (why >= 0) batch.fail(record, this.#reasons[why]!);
    }
  }

  #readField(batch: RecordBatch, record: number, row: number, field: number): boolean {
    const type = batch.attributeType[row];
    // Objects are left to `flatten`.
    if (type !== ValueType.String && type !== ValueType.Int) return true;
    const start = batch.attributeStart[row]!;
    const end = batch.attributeEnd[row]!;
    const saysNothing = end === start || (end - start === 1 && batch.bytes[start] === DASH);
    return saysNothing || this.#readers[field]!(batch, record, row, start, end);
  }

  #readRequest(batch: RecordBatch, record: number, row: number, start: number, end: number): boolean {
    const line = this.#request;
    parseRequest(batch.bytes, batch.view, start, end, line);
    if (line.targetEnd <= line.targetStart) return false;
    this.#remove(batch, record, row);
    const { spans } = line;
    this.#setMethod(batch, record, spans[2 * Part.Method]!, spans[2 * Part.Method + 1]!);
    if (!this.#setTarget(batch, record, line.targetStart, line.targetEnd)) {
      // `CONNECT host:443`
      const isHost = readAddress(batch.bytes, line.targetStart, line.targetEnd, this.#address);
      if (isHost) this.#attributes.setServer(batch, record, this.#address);
      else this.#attributes.setOriginal(batch, record, line.targetStart, line.targetEnd);
    }
    this.#attributes.setVersion(batch, record, spans[2 * Part.Version]!, spans[2 * Part.Version + 1]!);
    return true;
  }

  #readMethod(batch: RecordBatch, record: number, row: number, start: number, end: number): boolean {
    const { bytes } = batch;
    if (end - start > MAX_METHOD) return false;
    for (let at = start; at < end; at++) if (!isLetter(bytes[at]!) && bytes[at] !== DASH) return false;
    this.#remove(batch, record, row);
    this.#setMethod(batch, record, start, end);
    return true;
  }

  #setMethod(batch: RecordBatch, record: number, start: number, end: number): void {
    this.#attributes.setMethod(batch, record, start, end, isKnownMethod(batch.bytes, start, end));
  }

  #readUrl(batch: RecordBatch, record: number, row: number, start: number, end: number): boolean {
    // `OPTIONS *` asks for the server as a whole.
    const isServer = end - start === 1 && batch.bytes[start] === ASTERISK;
    const isUrl = isServer || batch.bytes[start] === SLASH || readUrl(batch.bytes, start, end, this.#url);
    if (!isUrl) return false;
    this.#remove(batch, record, row);
    if (!isServer) return this.#setTarget(batch, record, start, end);
    this.#attributes.setOriginal(batch, record, start, end);
    return true;
  }

  #setTarget(batch: RecordBatch, record: number, start: number, end: number): boolean {
    const url = this.#url;
    if (batch.bytes[start] === SLASH) {
      readTarget(batch.bytes, start, end, url);
      this.#attributes.setTarget(batch, record, url);
      return true;
    }
    if (!readUrl(batch.bytes, start, end, url)) return false;
    this.#attributes.setUrl(batch, record, start, end, url);
    return true;
  }

  #readQuery(batch: RecordBatch, record: number, row: number, start: number, end: number): boolean {
    this.#remove(batch, record, row);
    this.#attributes.setQuery(batch, record, batch.bytes[start] === QUESTION ? start + 1 : start, end);
    return true;
  }

  /** Anything but HTTP is left alone: `protocol` and `proto` are names that others use too. */
  #readProtocol(batch: RecordBatch, record: number, row: number, start: number, end: number): boolean {
    const { bytes } = batch;
    const version = start + HTTP.length;
    if (version >= end || !isText(bytes, start, version, HTTP)) return true;
    for (let at = version; at < end; at++) if (bytes[at] !== POINT && digitsEnd(bytes, at, end) === at) return true;
    this.#remove(batch, record, row);
    // The conventions say 2 and 3 where servers write 2.0.
    const isWhole = end - version === 3 && bytes[end - 1] === ZERO && bytes[version]! > ONE;
    this.#attributes.setVersion(batch, record, version, isWhole ? end - 2 : end);
    return true;
  }

  #readStatus(batch: RecordBatch, record: number, row: number, start: number, end: number): boolean {
    if (digitsEnd(batch.bytes, start, end) < end || end - start > 3) return false;
    const status = digitsValue(batch.bytes, start, end);
    // Servers write 0 or 000 when they sent none.
    if (status === 0) return true;
    if (status < 100 || status > 999) return false;
    this.#remove(batch, record, row);
    this.#attributes.setStatus(batch, record, start, end);
    return true;
  }

  #readSize(batch: RecordBatch, record: number, row: number, start: number, end: number): boolean {
    const { bytes } = batch;
    if (digitsEnd(bytes, start, end) < end) return false;
    while (start < end - 1 && bytes[start] === ZERO) start++;
    if (integerType(bytes, start, end) !== ValueType.Int) return false;
    this.#remove(batch, record, row);
    this.#attributes.setSize(batch, record, start, end);
    return true;
  }

  #readScheme(batch: RecordBatch, record: number, row: number, start: number, end: number): boolean {
    if (end - start > MAX_SCHEME) return false;
    for (let at = start; at < end; at++) if (!isLetter(batch.bytes[at]!)) return false;
    this.#remove(batch, record, row);
    this.#attributes.setScheme(batch, record, start, end);
    return true;
  }

  #readHost(batch: RecordBatch, record: number, row: number, start: number, end: number): boolean {
    if (!readAddress(batch.bytes, start, end, this.#address)) return false;
    this.#remove(batch, record, row);
    this.#attributes.setServer(batch, record, this.#address);
    return true;
  }

  #readForwardedFor(batch: RecordBatch, record: number, row: number, start: number, end: number): boolean {
    const { bytes } = batch;
    let to = start;
    while (to < end && bytes[to] !== COMMA) to++;
    while (start < to && bytes[start] === 0x20) start++;
    while (to > start && bytes[to - 1] === 0x20) to--;
    if (to - start === UNKNOWN.length && isText(bytes, start, to, UNKNOWN)) return true;
    if (!readAddress(bytes, start, to, this.#address)) return false;
    this.#remove(batch, record, row);
    this.#attributes.setClient(batch, record, this.#address);
    this.#isForwarded = true;
    return true;
  }

  #readClient(batch: RecordBatch, record: number, row: number, start: number, end: number): boolean {
    if (!readAddress(batch.bytes, start, end, this.#address)) return false;
    this.#remove(batch, record, row);
    if (this.#isForwarded) this.#attributes.setPeer(batch, record, this.#address);
    else this.#attributes.setClient(batch, record, this.#address);
    return true;
  }

  #readUserAgent(batch: RecordBatch, record: number, row: number, start: number, end: number): boolean {
    this.#remove(batch, record, row);
    this.#attributes.setUserAgent(batch, record, start, end);
    return true;
  }

  #remove(batch: RecordBatch, record: number, row: number): void {
    if (!this.#keep) batch.remove(record, batch.attributeKey[row]!);
  }
}

function isLetter(byte: number): boolean {
  const small = byte | 0x20;
  return (small >= 0x61 && small <= 0x7a) || byte === 0x5f;
}

/** Whether the bytes are `text`, which is in small letters, in any case. */
function isText(bytes: Uint8Array, start: number, end: number, text: Uint8Array): boolean {
  for (let at = start; at < end; at++) if ((bytes[at]! | 0x20) !== (text[at - start]! | 0x20)) return false;
  return true;
}
