/** What Redis answers to one command, by its protocol RESP 2. */
export type Reply =
  | { readonly kind: 'text'; readonly bytes: Buffer }
  | { readonly kind: 'error'; readonly text: string }
  /** What this agent has not asked for, or what is not Redis. */
  | { readonly kind: 'strange' }
  | { readonly kind: 'too_large' };

/** The longest line that Redis answers with: errors are shorter. */
const MAX_LINE_BYTES = 4096;

/** Puts replies together out of the bytes that come. */
export class ReplyReader {
  readonly #maxBytes: number;
  #chunks: Buffer[] = [];
  #length = 0;
  /** How many bytes there must be before another look is worth it. */
  #needed = 1;

  /** `maxBytes`: the largest text that is taken. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /** The next reply; undefined: not all of it has come. After one that is strange or too large there is no other. */
  next(): Reply | undefined {
    if (this.#length < this.#needed) return undefined;
    const bytes = Buffer.concat(this.#chunks);
    this.#chunks = [bytes];
    const lineEnd = bytes.indexOf('\r\n');
    if (lineEnd < 0) {
      this.#needed = bytes.length + 1;
      return bytes.length > MAX_LINE_BYTES ? { kind: 'strange' } : undefined;
    }
    const line = bytes.toString('latin1', 0, Math.min(lineEnd, MAX_LINE_BYTES));
    if (line.startsWith('+')) return this.#take({ kind: 'text', bytes: bytes.subarray(1, lineEnd) }, lineEnd + 2);
    if (line.startsWith('-')) return this.#take({ kind: 'error', text: line.slice(1) }, lineEnd + 2);
    const size = /^\$(\d{1,15})$/.exec(line)?.[1];
    if (size === undefined) return { kind: 'strange' };
    if (Number(size) > this.#maxBytes) return { kind: 'too_large' };
    const start = lineEnd + 2;
    const end = start + Number(size);
    this.#needed = end + 2;
    if (bytes.length < this.#needed) return undefined;
    if (bytes.toString('latin1', end, end + 2) !== '\r\n') return { kind: 'strange' };
    return this.#take({ kind: 'text', bytes: bytes.subarray(start, end) }, end + 2);
  }

  #take(reply: Reply, end: number): Reply {
    const rest = this.#chunks[0]!.subarray(end);
    this.#chunks = [rest];
    this.#length = rest.length;
    this.#needed = 1;
    return reply;
  }
}

/** A command as Redis takes it from programs: whatever is in its words, none of them can end it. */
export function commandOf(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
}
