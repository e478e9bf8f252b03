const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const EQUALS = 0x3d;
const BLANK = 0x20;

/** RFC 5424 allows 32 bytes for the name of an element or a parameter. */
const MAX_NAME = 64;

/** Is told what structured data holds, in its order. Values come with their escapes: see `unescapeParameter()`. */
export interface StructuredDataVisitor {
  /** An element that has no parameter. */
  emptyElement(idStart: number, idEnd: number): void;
  parameter(
    idStart: number,
    idEnd: number,
    nameStart: number,
    nameEnd: number,
    valueStart: number,
    valueEnd: number,
  ): void;
}

/**
 * Walks the structured data `[id name="value" ...][id ...]` that starts at `at`, and returns where it ends; -1: it is
 * broken, and what the visitor was told is to be forgotten. Blanks around a parameter are passed over, and a bracket
 * inside a value needs no escape. O(bytes).
 */
export function walkStructuredData(bytes: Uint8Array, at: number, end: number, visitor: StructuredDataVisitor): number {
  while (at < end && bytes[at] === OPEN) {
    at = walkElement(bytes, at + 1, end, visitor);
    if (at < 0) return -1;
  }
  return at;
}

function walkElement(bytes: Uint8Array, idStart: number, end: number, visitor: StructuredDataVisitor): number {
  const idEnd = nameEnd(bytes, idStart, end);
  if (idEnd < 0) return -1;
  let at = skipBlanks(bytes, idEnd, end);
  if (at < end && bytes[at] === CLOSE) visitor.emptyElement(idStart, idEnd);
  for (;;) {
    if (at >= end) return -1;
    if (bytes[at] === CLOSE) return at + 1;
    const nameStart = at;
    const nameStop = nameEnd(bytes, at, end);
    if (nameStop < 0) return -1;
    at = skipBlanks(bytes, nameStop, end);
    if (at >= end || bytes[at] !== EQUALS) return -1;
    at = skipBlanks(bytes, at + 1, end);
    if (at >= end || bytes[at] !== QUOTE) return -1;
    const valueEnd = closingQuote(bytes, at + 1, end);
    if (valueEnd < 0) return -1;
    visitor.parameter(idStart, idEnd, nameStart, nameStop, at + 1, valueEnd);
    at = skipBlanks(bytes, valueEnd + 1, end);
  }
}

/** Decodes `bytes[start, end)`, a value with its escapes, to `target` from `at` on; returns where it ends. */
export function unescapeParameter(
  bytes: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  at: number,
): number {
  for (let i = start; i < end; i++) {
    // A backslash before anything else stands for itself (RFC 5424, section 6.3.3).
    if (bytes[i] === BACKSLASH && i + 1 < end && isEscaped(bytes[i + 1]!)) i++;
    target[at++] = bytes[i]!;
  }
  return at;
}

function isEscaped(byte: number): boolean {
  return byte === QUOTE || byte === BACKSLASH || byte === CLOSE;
}

function closingQuote(bytes: Uint8Array, at: number, end: number): number {
  for (; at < end && bytes[at] !== QUOTE; at++) if (bytes[at] === BACKSLASH) at++;
  return at < end ? at : -1;
}

/** Where the name at `at` ends; -1: there is none, or a far too long one. */
function nameEnd(bytes: Uint8Array, at: number, end: number): number {
  const start = at;
  const limit = Math.min(at + MAX_NAME + 1, end);
  while (at < limit && isInName(bytes[at]!)) at++;
  return at === start || at - start > MAX_NAME ? -1 : at;
}

function isInName(byte: number): boolean {
  return byte > BLANK && byte !== EQUALS && byte !== CLOSE && byte !== QUOTE && byte !== 0x7f;
}

function skipBlanks(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && bytes[at] === BLANK) at++;
  return at;
}
