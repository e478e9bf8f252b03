import { RecordType, VERSION } from './record.ts';

/** How a request of FastCGI ended. */
export type FastCgiResponse =
  /** What the application wrote, its headers first. */
  | { readonly kind: 'answer'; readonly output: Buffer }
  /** The server has no room for a request. */
  | { readonly kind: 'overloaded' }
  /** It writes more than is taken. */
  | { readonly kind: 'too_large' }
  /** What came is not this protocol. */
  | { readonly kind: 'strange' };

const HEADER_BYTES = 8;
const STATUS_COMPLETE = 0;
const STATUS_OVERLOADED = 2;

/** Puts the answer to one request together out of the bytes that come. */
export class FastCgiResponseReader {
  readonly #maxBytes: number;
  #pending: Buffer = Buffer.alloc(0);
  readonly #output: Buffer[] = [];
  #length = 0;

  /** `maxBytes`: how much the application may write. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Takes what has come. Undefined: there is more to come; else it has ended, and nothing more is read. */
  push(chunk: Buffer): FastCgiResponse | undefined {
    // What is pending is less than one record: 64 KiB.
    const bytes = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    let at = 0;
    while (bytes.length - at >= HEADER_BYTES) {
      const [version, type] = [bytes[at], bytes[at + 1]!];
      if (version !== VERSION) return { kind: 'strange' };
      const start = at + HEADER_BYTES;
      const end = start + bytes.readUInt16BE(at + 4);
      const next = end + bytes[at + 6]!;
      if (bytes.length < next) break;
      const response = this.#take(type, bytes.subarray(start, end));
      if (response !== undefined) return response;
      at = next;
    }
    this.#pending = Buffer.from(bytes.subarray(at));
    return undefined;
  }

  #take(type: number, content: Buffer): FastCgiResponse | undefined {
    switch (type) {
      case RecordType.Stdout:
        this.#length += content.length;
        if (this.#length > this.#maxBytes) return { kind: 'too_large' };
        this.#output.push(Buffer.from(content));
        return undefined;
      case RecordType.Stderr:
        return undefined;
      case RecordType.EndRequest:
        return this.#ended(content[4]);
      default:
        return { kind: 'strange' };
    }
  }

  #ended(status: number | undefined): FastCgiResponse {
    if (status === STATUS_COMPLETE) return { kind: 'answer', output: Buffer.concat(this.#output) };
    return status === STATUS_OVERLOADED ? { kind: 'overloaded' } : { kind: 'strange' };
  }
}

/** Headers and body of what an application wrote; undefined: it wrote no headers. 200 where it names no status. */
export function parseCgi(output: Buffer): { readonly status: number; readonly body: Buffer } | undefined {
  const gap = /\r?\n\r?\n/.exec(output.toString('latin1', 0, 16_384));
  if (gap === null) return undefined;
  const head = output.toString('latin1', 0, gap.index);
  const status = /^Status:\s*(\d{3})/im.exec(head)?.[1];
  return { status: Number(status ?? 200), body: output.subarray(gap.index + gap[0].length) };
}
