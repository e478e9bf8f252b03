/**
 * The yardstick: ships a log of JSON lines to OTLP/HTTP the straightforward way, with `JSON.parse` and one object a
 * record, and as fast as that way goes. Its records are those of the agent, `log.file.name` included. The agent is compared with it, so it must stay a program that a good engineer
 * would be content with: the wire format is written by hand, buffers are used again, requests overlap with reading, and
 * compression runs beside the main thread. Tried, and slower: decoding whole chunks and splitting the text, taking fields
 * out with a rest pattern, cached bytes for keys, `BigInt` for times.
 *
 *     node yardstick.ts <file> <url> <none|gzip> <bytes a request> <requests in flight> <json|cri|nginx>
 */
import { createReadStream } from 'node:fs';
import { Agent, request } from 'node:http';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';

const gzipAsync = promisify(gzip);

/** Up to here a loop over characters is faster than `Buffer#write()`. */
const SHORT = 40;
const NEWLINE = 0x0a;
const CHUNK_BYTES = 256 * 1024;

interface LogRecord {
  timeUnixMs: number;
  severityNumber: number;
  severityText: string;
  body: string;
  /** Keys and values in turn. */
  attributes: unknown[];
}

const SEVERITY_NUMBERS: Record<string, number> = { trace: 1, debug: 5, info: 9, warn: 13, error: 17, fatal: 21 };

/** A line of a container: the time and the stream of the runtime in front. */
function fromCri(line: string, fileName: string): LogRecord {
  const stream = line.indexOf(' ') + 1;
  const tag = line.indexOf(' ', stream) + 1;
  const record = fromJson(line.slice(line.indexOf(' ', tag) + 1), fileName);
  record.attributes.push('log.iostream', line.slice(stream, tag - 1));
  return record;
}

const ACCESS =
  /^(\S+) \S+ (\S+) \[([^\]]+)\] "(\S+) ([^ ?"]+)(?:\?([^ "]*))? HTTP\/([\d.]+)" (\d+) (\d+|-) "([^"]*)" "([^"]*)"/;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
let lastClfTime = '';
let lastUnixMs = 0;

/** Many lines have the time of the one before. */
function clfUnixMs(text: string): number {
  if (text === lastClfTime) return lastUnixMs;
  const month = String(MONTHS.indexOf(text.slice(3, 6)) + 1).padStart(2, '0');
  const zone = `${text.slice(21, 24)}:${text.slice(24)}`;
  lastClfTime = text;
  lastUnixMs = Date.parse(`${text.slice(7, 11)}-${month}-${text.slice(0, 2)}T${text.slice(12, 20)}${zone}`);
  return lastUnixMs;
}

/** A line of an access log in the combined format. */
function fromAccess(line: string, fileName: string): LogRecord {
  const match = ACCESS.exec(line);
  if (match === null) throw new Error(`Cannot read ${line}`);
  const [, client, user, time, method, path, query, version, status, size, referer, agent] = match;
  const attributes: unknown[] = ['log.file.name', fileName, 'client.address', client];
  if (user !== '-') attributes.push('user.name', user);
  attributes.push('http.request.method', method, 'url.path', path);
  if (query !== undefined) attributes.push('url.query', query);
  attributes.push('network.protocol.version', version, 'http.response.status_code', Number(status));
  if (size !== '-') attributes.push('http.response.body.size', Number(size));
  if (referer !== '-') attributes.push('http.request.header.referer', [referer]);
  if (agent !== '-') attributes.push('user_agent.original', agent);
  return { timeUnixMs: clfUnixMs(time!), severityNumber: 0, severityText: '', body: line, attributes };
}

const READERS: Record<string, (line: string, fileName: string) => LogRecord> = {
  json: fromJson,
  cri: fromCri,
  nginx: fromAccess,
};

function fromJson(line: string, fileName: string): LogRecord {
  const fields = JSON.parse(line) as Record<string, unknown>;
  const attributes: unknown[] = ['log.file.name', fileName];
  for (const key in fields) {
    if (key !== 'time' && key !== 'level' && key !== 'msg') attributes.push(key, fields[key]);
  }
  const severityText = String(fields['level']);
  return {
    timeUnixMs: Date.parse(String(fields['time'])),
    severityNumber: SEVERITY_NUMBERS[severityText] ?? 0,
    severityText,
    body: String(fields['msg']),
    attributes,
  };
}

/** Writes one ExportLogsServiceRequest. The lengths that come before the records are written last, into the head room. */
class RequestWriter {
  static readonly #HEAD_ROOM = 256;
  bytes: Buffer;
  length = RequestWriter.#HEAD_ROOM;

  constructor(initialBytes: number) {
    this.bytes = Buffer.allocUnsafeSlow(initialBytes);
  }

  get byteLength(): number {
    return this.length - RequestWriter.#HEAD_ROOM;
  }

  clear(): void {
    this.length = RequestWriter.#HEAD_ROOM;
  }

  append(record: LogRecord, observedUnixMs: number): void {
    const start = this.#open(0x12);
    this.#fixed64(0x09, record.timeUnixMs);
    this.#fixed64(0x59, observedUnixMs);
    this.#reserve(2);
    this.bytes[this.length++] = 0x10;
    this.bytes[this.length++] = record.severityNumber;
    this.#string(0x1a, record.severityText);
    const body = this.#open(0x2a);
    this.#string(0x0a, record.body);
    this.#close(body);
    const attributes = record.attributes;
    for (let i = 0; i < attributes.length; i += 2) {
      const attribute = this.#open(0x32);
      this.#string(0x0a, attributes[i] as string);
      const value = this.#open(0x12);
      this.#value(attributes[i + 1]);
      this.#close(value);
      this.#close(attribute);
    }
    this.#close(start);
  }

  /** The request; a view that is valid until `clear()`. */
  finish(): Buffer {
    // ResourceLogs { scope_logs: ScopeLogs { log_records } }, without a resource: the lengths, from the inside out.
    const scopeLogs = this.byteLength;
    const scopeHead = 1 + varintSize(scopeLogs);
    const resourceHead = 1 + varintSize(scopeLogs + scopeHead);
    const start = RequestWriter.#HEAD_ROOM - scopeHead - resourceHead;
    const end = this.length;
    this.length = start;
    this.bytes[this.length++] = 0x0a;
    this.#varint(scopeLogs + scopeHead);
    this.bytes[this.length++] = 0x12;
    this.#varint(scopeLogs);
    this.length = end;
    return this.bytes.subarray(start, end);
  }

  #value(value: unknown): void {
    switch (typeof value) {
      case 'string':
        this.#string(0x0a, value);
        return;
      case 'boolean':
        this.#reserve(2);
        this.bytes[this.length++] = 0x10;
        this.bytes[this.length++] = value ? 1 : 0;
        return;
      case 'number':
        if (Number.isInteger(value) && Math.abs(value) < 2 ** 63) this.#int(value);
        else this.#double(value);
        return;
      default:
        if (Array.isArray(value)) this.#list(value);
        else this.#string(0x0a, JSON.stringify(value));
    }
  }

  #list(values: readonly unknown[]): void {
    const list = this.#open(0x2a);
    for (const inner of values) {
      const item = this.#open(0x0a);
      this.#value(inner);
      this.#close(item);
    }
    this.#close(list);
  }

  #int(value: number): void {
    this.#reserve(11);
    this.bytes[this.length++] = 0x18;
    let low = value >>> 0;
    let high = Math.floor(value / 2 ** 32) >>> 0;
    while (high > 0) {
      this.bytes[this.length++] = (low & 0x7f) | 0x80;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    this.#varint(low);
  }

  #double(value: number): void {
    this.#reserve(9);
    this.bytes[this.length++] = 0x21;
    this.length = this.bytes.writeDoubleLE(value, this.length);
  }

  #fixed64(tag: number, unixMs: number): void {
    this.#reserve(9);
    this.bytes[this.length++] = tag;
    const upper = Math.floor(unixMs / 65536) * 1e6; // split at 2^16: every product stays below 2^53
    const lower = (unixMs % 65536) * 1e6 + (upper % 65536) * 65536;
    this.length = this.bytes.writeUInt32LE(lower % 2 ** 32, this.length);
    this.length = this.bytes.writeUInt32LE(Math.floor(upper / 65536) + Math.floor(lower / 2 ** 32), this.length);
  }

  #string(tag: number, text: string): void {
    this.#reserve(6 + 3 * text.length);
    this.bytes[this.length++] = tag;
    if (text.length < SHORT && this.#shortAscii(text)) return;
    const guess = varintSize(text.length);
    const at = this.length + guess;
    const length = this.bytes.write(text, at);
    const size = varintSize(length);
    if (size !== guess) this.bytes.copyWithin(this.length + size, at, at + length);
    this.#varint(length);
    this.length += length;
  }

  /** Writes a short text, which takes less than the call of `write()`; false when it is not ASCII. */
  #shortAscii(text: string): boolean {
    const bytes = this.bytes;
    let at = this.length;
    bytes[at++] = text.length;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) return false;
      bytes[at++] = code;
    }
    this.length = at;
    return true;
  }

  /** Starts a message inside: leaves one byte for its length. */
  #open(tag: number): number {
    this.#reserve(2);
    this.bytes[this.length] = tag;
    this.length += 2;
    return this.length;
  }

  /** Ends it: writes its length, moving it when that takes more than one byte. */
  #close(start: number): void {
    const length = this.length - start;
    if (length < 0x80) {
      this.bytes[start - 1] = length;
      return;
    }
    const size = varintSize(length);
    this.#reserve(size);
    this.bytes.copyWithin(start - 1 + size, start, this.length);
    this.length = start - 1;
    this.#varint(length);
    this.length += length;
  }

  #varint(value: number): void {
    while (value > 0x7f) {
      this.bytes[this.length++] = (value & 0x7f) | 0x80;
      value >>>= 7;
    }
    this.bytes[this.length++] = value;
  }

  #reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(2 * this.bytes.length + count);
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }
}

function varintSize(value: number): number {
  let size = 1;
  for (; value > 0x7f; value >>>= 7) size++;
  return size;
}

async function send(body: Buffer, url: string, compression: string, agent: Agent): Promise<void> {
  const headers: Record<string, string | number> = { 'content-type': 'application/x-protobuf' };
  if (compression === 'gzip') {
    body = await gzipAsync(body, { level: constants.Z_BEST_SPEED });
    headers['content-encoding'] = 'gzip';
  }
  headers['content-length'] = body.length;
  await new Promise<void>((resolve, reject) => {
    const outgoing = request(url, { method: 'POST', agent, headers }, (response) => {
      response.resume();
      response.on('end', () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`Peer answered ${response.statusCode}`));
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

async function main(): Promise<void> {
  const [path = '', url = '', compression = '', requestBytes = '', inFlight = '', format = ''] = process.argv.slice(2);
  const toLogRecord = READERS[format]!;
  const fileName = basename(path);
  const agent = new Agent({ keepAlive: true, maxSockets: Number(inFlight) });
  const idle = Array.from({ length: Number(inFlight) + 1 }, () => new RequestWriter(Number(requestBytes) + 65_536));
  const sending = new Set<Promise<void>>();
  let writer = idle.pop()!;

  const sendWriter = async (): Promise<void> => {
    const full = writer;
    const answer = send(full.finish(), url, compression, agent).then(() => {
      full.clear();
      idle.push(full);
      sending.delete(answer);
    });
    sending.add(answer);
    while (idle.length === 0) await Promise.race(sending);
    writer = idle.pop()!;
  };

  let rest: Buffer | undefined;
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Buffer>) {
    const bytes: Buffer = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
    const observedUnixMs = Date.now();
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      writer.append(toLogRecord(bytes.toString('utf8', start, end), fileName), observedUnixMs);
      if (writer.byteLength >= Number(requestBytes)) await sendWriter();
      start = end + 1;
    }
    rest = bytes.subarray(start);
  }
  if (rest !== undefined && rest.length > 0) writer.append(toLogRecord(rest.toString(), fileName), Date.now());
  if (writer.byteLength > 0) await sendWriter();
  await Promise.all(sending);
  agent.destroy();
}

await main();
