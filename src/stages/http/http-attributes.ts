import type { AddressSpans } from '../../codec/http/address.ts';
import type { UrlSpans } from '../../codec/http/url.ts';
import type { KeyTable } from '../../core/key-table.ts';
import type { RecordBatch } from '../../core/record-batch.ts';
import { ValueType } from '../../core/value-type.ts';

/** What user and password of a URL are replaced by. */
const REDACTED = Buffer.from('REDACTED:REDACTED@');
const OTHER = Buffer.from('_OTHER');

/** Sets the attributes that the semantic conventions have for HTTP. */
export class HttpAttributes {
  readonly #method: number;
  readonly #methodOriginal: number;
  readonly #full: number;
  readonly #original: number;
  readonly #scheme: number;
  readonly #path: number;
  readonly #query: number;
  readonly #fragment: number;
  readonly #version: number;
  readonly #status: number;
  readonly #size: number;
  readonly #userAgent: number;
  readonly #server: readonly [address: number, port: number];
  readonly #client: readonly [address: number, port: number];
  readonly #peer: readonly [address: number, port: number];

  constructor(keys: KeyTable) {
    const key = (name: string): number => keys.internText(name);
    this.#method = key('http.request.method');
    this.#methodOriginal = key('http.request.method_original');
    this.#full = key('url.full');
    this.#original = key('url.original');
    this.#scheme = key('url.scheme');
    this.#path = key('url.path');
    this.#query = key('url.query');
    this.#fragment = key('url.fragment');
    this.#version = key('network.protocol.version');
    this.#status = key('http.response.status_code');
    this.#size = key('http.response.body.size');
    this.#userAgent = key('user_agent.original');
    this.#server = [key('server.address'), key('server.port')];
    this.#client = [key('client.address'), key('client.port')];
    this.#peer = [key('network.peer.address'), key('network.peer.port')];
  }

  setMethod(batch: RecordBatch, record: number, start: number, end: number, isKnown: boolean): void {
    if (isKnown) {
      setText(batch, record, this.#method, start, end);
      return;
    }
    const other = batch.appendBytes(OTHER, 0, OTHER.length);
    setText(batch, record, this.#method, other, batch.byteLength);
    setText(batch, record, this.#methodOriginal, start, end);
  }

  /** Sets the parts of the whole URL [start, end); it goes out without its credentials. */
  setUrl(batch: RecordBatch, record: number, start: number, end: number, url: UrlSpans): void {
    const { userStart, userEnd } = url;
    if (userEnd === userStart) {
      setText(batch, record, this.#full, start, end);
    } else {
      const at = batch.appendBytes(batch.bytes, start, userStart);
      batch.appendBytes(REDACTED, 0, REDACTED.length);
      batch.appendBytes(batch.bytes, userEnd + 1, end);
      setText(batch, record, this.#full, at, batch.byteLength);
    }
    setText(batch, record, this.#scheme, url.schemeStart, url.schemeEnd);
    this.setServer(batch, record, url.address);
    this.setTarget(batch, record, url);
  }

  /** Sets path, query and fragment. */
  setTarget(batch: RecordBatch, record: number, url: UrlSpans): void {
    setText(batch, record, this.#path, url.pathStart, url.pathEnd);
    setText(batch, record, this.#query, url.queryStart, url.queryEnd);
    setText(batch, record, this.#fragment, url.fragmentStart, url.fragmentEnd);
  }

  /** Sets a target that is neither a URL nor a path, such as `*`. */
  setOriginal(batch: RecordBatch, record: number, start: number, end: number): void {
    setText(batch, record, this.#original, start, end);
  }

  setQuery(batch: RecordBatch, record: number, start: number, end: number): void {
    setText(batch, record, this.#query, start, end);
  }

  setScheme(batch: RecordBatch, record: number, start: number, end: number): void {
    setText(batch, record, this.#scheme, start, end);
  }

  setVersion(batch: RecordBatch, record: number, start: number, end: number): void {
    setText(batch, record, this.#version, start, end);
  }

  setStatus(batch: RecordBatch, record: number, start: number, end: number): void {
    batch.setSpan(record, this.#status, ValueType.Int, start, end);
  }

  setSize(batch: RecordBatch, record: number, start: number, end: number): void {
    batch.setSpan(record, this.#size, ValueType.Int, start, end);
  }

  setUserAgent(batch: RecordBatch, record: number, start: number, end: number): void {
    setText(batch, record, this.#userAgent, start, end);
  }

  setServer(batch: RecordBatch, record: number, address: AddressSpans): void {
    setAddress(batch, record, this.#server, address);
  }

  setClient(batch: RecordBatch, record: number, address: AddressSpans): void {
    setAddress(batch, record, this.#client, address);
  }

  /** Sets the other end of the connection, where the client is behind it. */
  setPeer(batch: RecordBatch, record: number, address: AddressSpans): void {
    setAddress(batch, record, this.#peer, address);
  }
}

function setText(batch: RecordBatch, record: number, key: number, start: number, end: number): void {
  if (end > start) batch.setSpan(record, key, ValueType.String, start, end);
}

function setAddress(
  batch: RecordBatch,
  record: number,
  [address, port]: readonly [number, number],
  { hostStart, hostEnd, portStart, portEnd }: AddressSpans,
): void {
  setText(batch, record, address, hostStart, hostEnd);
  if (portEnd > portStart) batch.setSpan(record, port, ValueType.Int, portStart, portEnd);
}
