import { isUtf8 } from 'node:buffer';

const NOT_ASCII = /[^\x00-\x7f]/;
/** What stands for a byte that is no UTF-8: U+DC80 to U+DCFF, which no text holds. */
const ESCAPE = 0xdc00;
const LONGEST_SEQUENCE = 4;

/**
 * The name or path of a file as text. Linux takes any bytes for a name; those that are no UTF-8 become lone surrogates,
 * so that two names never look alike and `fsPath()` has the bytes back. O(length).
 */
export function pathOf(bytes: Buffer): string {
  const latin1 = bytes.toString('latin1');
  if (!NOT_ASCII.test(latin1)) return latin1;
  if (isUtf8(bytes)) return bytes.toString();
  let text = '';
  for (let i = 0; i < bytes.length; ) {
    const length = sequenceAt(bytes, i);
    text += length === 0 ? String.fromCharCode(ESCAPE + bytes[i]!) : bytes.toString('utf8', i, i + length);
    i += Math.max(length, 1);
  }
  return text;
}

/** A path made of such names as what the system takes. */
export function fsPath(path: string): string | Buffer {
  if (path.isWellFormed()) return path;
  const parts = path.split(/([\udc80-\udcff])/u);
  return Buffer.concat(
    parts.map((part, i) => (i % 2 === 1 ? Buffer.of(part.charCodeAt(0) - ESCAPE) : Buffer.from(part))),
  );
}

/** How many bytes the character at `start` has; 0: it is none. */
function sequenceAt(bytes: Buffer, start: number): number {
  for (let length = 1; length <= LONGEST_SEQUENCE && start + length <= bytes.length; length++) {
    if (isUtf8(bytes.subarray(start, start + length))) return length;
  }
  return 0;
}
