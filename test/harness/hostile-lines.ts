import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { findCases } from '../../src/agent/cases.ts';
import { READY_MADE_FOLDER } from '../../src/config/ready-made.ts';

/** What lines are made of: what parsers look for, what is no text, and numbers at the ends of what fits. */
const piece = fc.oneof(
  fc
    .constantFrom(
      ...'{}[]()<>"\'\\/|=:,;. \t\r%#@!-+',
      ...['\\"', '\\u0000', '\\ud83d', 'null', 'true', '-0', '1e999', '9223372036854775808', '1767355200', '0x1f'],
      ...['2026-01-02T03:04:05.678Z', 'Jan  2 03:04:05', '02/Jan/2026:03:04:05 +0000', 'INFO', 'ERROR', 'level', 'msg'],
      ...['time', '127.0.0.1', 'GET / HTTP/1.1', '\tat a.b(C.java:1)', 'Traceback (most recent call last):', 'é', '😀'],
    )
    .map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes)),
);

/** Pieces of what parsers look for, and bytes that are no text. */
export const noise: fc.Arbitrary<Buffer> = fc.array(piece, { maxLength: 20 }).map((pieces) => Buffer.concat(pieces));

/** Any JSON. */
export const json: fc.Arbitrary<Buffer> = fc.json({ maxDepth: 4 }).map((text) => Buffer.from(text));

/** Lines in which something was replaced, repeated, cut out or put in. */
export function mutated(lines: readonly Buffer[]): fc.Arbitrary<Buffer> {
  const change = fc.record({
    at: fc.nat(),
    length: fc.nat({ max: 12 }),
    put: fc.oneof(noise, fc.constant(Buffer.alloc(0))),
  });
  return fc
    .tuple(fc.constantFrom(...lines), fc.array(change, { minLength: 1, maxLength: 4 }))
    .map(([line, changes]) => {
      let bytes = line;
      for (const { at, length, put } of changes) {
        const start = at % (bytes.length + 1);
        bytes = Buffer.concat([bytes.subarray(0, start), put, bytes.subarray(start + length)]);
      }
      return bytes;
    });
}

/** What is repeated in lines that make a parser go back, or open ever more of what it must close. */
export const REPEATED = ['a', '"', '\\', ' ', '[', '{"a":', '1:', '\u00e9', 'a=b ', ',', '\tat '];

/** The lines of the cases of a ready-made pipeline. */
export function caseLines(name: string): Buffer[] {
  return findCases(join(READY_MADE_FOLDER, name, 'cases')).flatMap(({ inputFile }) => linesOf(readFileSync(inputFile)));
}

/** The lines of a file, as they are. */
export function linesOf(file: Buffer): Buffer[] {
  return file
    .toString('latin1')
    .split('\n')
    .map((line) => Buffer.from(line, 'latin1'));
}
