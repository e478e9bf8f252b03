import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ExpositionFormat } from '../../../../src/codec/prometheus/exposition-format.ts';
import { ExpositionError } from '../../../../src/codec/prometheus/parse/exposition-error.ts';
import { parseProtobuf } from '../../../../src/codec/prometheus/parse/parse-protobuf.ts';
import { parseOpenMetrics, parseText } from '../../../../src/codec/prometheus/parse/parse-text.ts';
import { SeriesCache } from '../../../../src/codec/prometheus/parse/series-cache.ts';
import { ExpositionWriter } from '../../../../src/codec/prometheus/write/exposition-writer.ts';
import type { MetricType } from '../../../../src/core/metric.ts';
import { arbitraryFamilies } from '../arbitrary-families.ts';

const PARSERS = { text: parseText, openmetrics: parseOpenMetrics, protobuf: parseProtobuf };
const KINDS = ['text', 'openmetrics', 'protobuf'] as const;
const TYPES: readonly MetricType[] = ['counter', 'gauge', 'unknown', 'info', 'histogram', 'gauge_histogram', 'summary'];

test('whatever bytes there are, they are read or refused, and no other error comes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      for (const kind of KINDS) readOrRefuse(Buffer.from(bytes), kind);
    }),
  );
});

test('whatever an exposition becomes on its way, it is read or refused', () => {
  const changes = fc.array(fc.record({ at: fc.nat(), byte: fc.nat(255), removed: fc.nat(3) }), { maxLength: 4 });
  fc.assert(
    fc.property(
      arbitraryFamilies({ isSound: false, types: TYPES }),
      changes,
      fc.constantFrom(...KINDS),
      (families, mutations, kind) => {
        const format: ExpositionFormat = { kind, version: '', escaping: 'allow-utf-8' };
        let bytes = new ExpositionWriter({ timestamps: true, createdLines: true }).write(families, format);
        for (const { at, byte, removed } of mutations) {
          const place = at % (bytes.length + 1);
          const parts = [bytes.subarray(0, place), Buffer.of(byte), bytes.subarray(place + removed)];
          bytes = Buffer.concat(parts);
        }
        readOrRefuse(bytes, kind);
      },
    ),
  );
});

const MEBIBYTE = 2 ** 20;
const LONG: readonly (readonly [what: string, kind: ExpositionFormat['kind'], bytes: () => Buffer])[] = [
  ['a line of quotes', 'text', () => Buffer.from(`a{b="${'\\"'.repeat(MEBIBYTE)}`)],
  ['braces', 'text', () => Buffer.from('{'.repeat(4 * MEBIBYTE))],
  ['a help text', 'openmetrics', () => Buffer.from(`# HELP a ${'\\n'.repeat(2 * MEBIBYTE)}\n# EOF\n`)],
  ['a name in quotes', 'openmetrics', () => Buffer.from(`# HELP "${'\\"'.repeat(2 * MEBIBYTE)}" x\n# EOF\n`)],
  ['digits', 'text', () => Buffer.from(`a ${'1'.repeat(4 * MEBIBYTE)}\n`)],
  ['blanks', 'text', () => Buffer.from(`a{${' '.repeat(4 * MEBIBYTE)}\n`.repeat(1))],
  ['empty lines', 'text', () => Buffer.from('\n'.repeat(4 * MEBIBYTE))],
  ['labels', 'text', () => Buffer.from(`a{${Array.from({ length: 2e5 }, (_, i) => `l${i}="1"`).join(',')}} 1\n`)],
  ['buckets', 'text', () => Buffer.from(`# TYPE a histogram\n${bucketLines(1e5)}`)],
  ['a span of 2^31 buckets', 'protobuf', () => nativeHistogram(2 ** 31)],
  ['spans of 2^14 buckets that are not there', 'protobuf', () => nativeHistogram(2 ** 14)],
];

for (const [what, kind, bytes] of LONG) {
  test(`${what} without an end take no more than their length`, { timeout: 20_000 }, () => {
    readOrRefuse(bytes(), kind);
  });
}

function bucketLines(count: number): string {
  return Array.from({ length: count }, (_, i) => `a_bucket{le="${count - i}"} ${count - i}\n`).join('');
}

function nativeHistogram(buckets: number): Buffer {
  const span = [0x08, 0x00, 0x10, ...varint(buckets)];
  const histogram = [0x08, 0x01, 0x28, 0x00, 0x62, span.length, ...span, 0x68, 0x02];
  const metric = [0x3a, histogram.length, ...histogram];
  const family = [0x0a, 0x01, 0x61, 0x18, 0x04, 0x22, metric.length, ...metric];
  return Buffer.from([family.length, ...family]);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return [...bytes, value];
}

function readOrRefuse(bytes: Buffer, kind: ExpositionFormat['kind']): void {
  try {
    PARSERS[kind](bytes, { cache: new SeriesCache(), honorTimestamps: true });
  } catch (error) {
    assert.ok(error instanceof ExpositionError, String(error));
  }
}
