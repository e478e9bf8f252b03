import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PrometheusTranslation } from '../../src/codec/prometheus/translation.ts';
import { ExpositionWriter } from '../../src/codec/prometheus/write/exposition-writer.ts';
import type { ValueReader } from '../../src/core/instruments.ts';
import { CountedLease } from '../../src/core/lease.ts';
import { MAX_COLUMN_LABELS } from '../../src/core/metric.ts';
import type { RecordBatch } from '../../src/core/record-batch.ts';
import { Resource } from '../../src/core/resource.ts';
import { ValueType } from '../../src/core/value-type.ts';
import { batchOf } from '../harness/batch.ts';
import { registryOf, specOf } from '../harness/registry.ts';

const BAR = 0x7c;
const EXPIRE_MS = 60_000;
const MAX_SERIES = 6;
const STRATEGIES = ['underscore_escaping_with_suffixes', 'no_utf8_escaping_with_suffixes'] as const;
const ESCAPINGS = ['allow-utf-8', 'underscores', 'dots', 'values'] as const;
const LABELS = ['http.route', 'instance', 'le', 'ünicode'];
/** Two names that become one for Prometheus. */
const CLASHING = ['a.b', 'a_b'];
const RESOURCES = [
  new Resource([
    ['service.name', 'shop'],
    ['service.instance.id', 'shop-1'],
  ]),
  new Resource([
    ['service.name', 'shop'],
    ['service.instance.id', 'shop-2'],
  ]),
  new Resource([
    ['service.name', 'shop'],
    ['service.instance.id', 'shop-2'],
    ['k8s.pod.label.tier', 'web'],
  ]),
];

/** Bytes of a value: plain, to be escaped, beyond ASCII, or no UTF-8 at all. */
const value = fc.oneof(
  fc
    .constantFrom('', 'a', 'b', '/api', 'x"y', 'back\\slash', 'two\nlines', '\t\x7f', 'straße', '"ü"', '𝒳')
    .map((text) => Buffer.from(text)),
  fc.constantFrom(Buffer.of(0xff), Buffer.of(0x61, 0xc3), Buffer.of(0xed, 0xa0, 0x80)),
  // Lengths of theirs, and of what is around them, take one to three bytes in protobuf.
  fc.constantFrom(90, 200, 9000, 20_000).map((length) => Buffer.alloc(length, 'x')),
);

const action = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('count' as const),
      resource: fc.nat(RESOURCES.length - 1),
      records: fc.array(fc.tuple(value, value, value, value), { minLength: 1, maxLength: 5 }),
      hasTrace: fc.boolean(),
      isScraped: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.nat(2 * EXPIRE_MS),
      isScraped: fc.constant(true),
    }),
  },
);

test('series in columns are written byte for byte as those that are objects, in every format, whatever becomes of them', async () => {
  const setting = fc.record({
    strategy: fc.constantFrom(...STRATEGIES),
    targetLabels: fc.boolean(),
    scopeLabels: fc.boolean(),
    resourceLabels: fc.constantFrom([], ['k8s.pod.label.tier']),
    labels: fc.constantFrom(LABELS, CLASHING),
    resources: fc.constantFrom(1, RESOURCES.length),
  });
  await fc.assert(
    fc.asyncProperty(
      setting,
      fc.array(action, { maxLength: 12 }),
      async ({ labels, resources, ...translating }, actions) => {
        const options = { ...translating, targetInfo: true };
        const writing = { timestamps: false, createdLines: true };
        const { registry, clock } = registryOf();
        const limits = { maxSeries: MAX_SERIES, maxLabelBytes: 20_000, expireAfterMs: EXPIRE_MS };
        const readers = labels.map((_, part) => rawPart(part));
        const counter = registry.open(specOf({ name: 'seen', type: 'counter', labels, limits }), readers);
        const gauge = registry.open(specOf({ name: 'last', type: 'gauge', labels, limits }), readers);
        const inColumns = new PrometheusTranslation({ ...options, columns: true });
        const kept = new ExpositionWriter(writing);
        for (const action of actions) {
          if (action.kind === 'wait') await clock.advance(action.ms);
          else {
            const bodies = action.records.map((parts) =>
              Buffer.concat(parts.flatMap((part) => [part, Buffer.of(BAR)])),
            );
            const batch = batchOf(bodies, undefined, RESOURCES[action.resource % resources]);
            for (const record of bodies.keys()) {
              if (action.hasTrace) giveTrace(batch, record);
              counter.record(batch, record, record + 1);
              gauge.record(batch, record, -0.5 * record);
            }
            const lease = new CountedLease(() => {});
            registry.seal(lease);
            lease.settle('delivered');
          }
          registry.beginWrite();
          registry.endWrite();
          if (!action.isScraped) continue;
          for (const kind of ['text', 'openmetrics', 'protobuf'] as const) {
            for (const escaping of ESCAPINGS) {
              const format = { kind, version: '', escaping };
              const columns = kept.write(inColumns.families(registry.collect()), format);
              const objects = new ExpositionWriter(writing).write(
                new PrometheusTranslation(options).families(registry.collect()),
                format,
              );
              assert.equal(columns.toString('latin1'), objects.toString('latin1'));
            }
          }
        }
      },
    ),
    { numRuns: 60 },
  );
});

for (const [labels, areColumns] of [
  [MAX_COLUMN_LABELS, true],
  [MAX_COLUMN_LABELS + 1, false],
] as const) {
  test(`${labels} labels are ${areColumns ? 'columns, and written' : 'no columns, but written'} as objects are`, () => {
    const { registry } = registryOf({ isVolatile: true });
    const names = Array.from({ length: labels }, (_, i) => `l${i}`);
    const spec = specOf({ name: 'seen', type: 'counter', labels: names });
    const counter = registry.open(
      spec,
      names.map((_, part) => rawPart(part)),
    );
    const bodies = [names.map((name) => `${name}|`).join(''), `${'|'.repeat(labels - 1)}last|`, '|'.repeat(labels)];
    const batch = batchOf(bodies.map((body) => Buffer.from(body)));
    for (const record of bodies.keys()) counter.record(batch, record, 1);
    registry.seal({ onCommit: (counts) => counts.commit() });
    assert.equal(registry.collect()[0]!.families[0]!.columns !== undefined, areColumns);
    const options = { strategy: STRATEGIES[0], targetLabels: true, scopeLabels: false, targetInfo: false };
    const [columns, objects] = [true, false].map((columns) => {
      const families = new PrometheusTranslation({ ...options, columns }).families(registry.collect());
      const format = { kind: 'text', version: '', escaping: 'underscores' } as const;
      return new ExpositionWriter({ timestamps: false, createdLines: false }).write(families, format).toString();
    });
    assert.equal(columns, objects);
    assert.match(columns!, /^seen_total(\{l0="l0",.*,l9="l9"\}|\{l\d+="last"\}|) 1$/m);
    assert.equal(columns!.match(/^seen_total/gm)?.length, bodies.length);
  });
}

/** Gives the body of a record, split at bars, as it is: its `part`th piece. */
function rawPart(part: number): ValueReader & { type: number; start: number; end: number } {
  return {
    type: ValueType.String,
    start: 0,
    end: 0,
    locate(batch: RecordBatch, record: number) {
      this.start = batch.bodyStart[record]!;
      for (let i = 0; i < part; i++) this.start = batch.bytes.indexOf(BAR, this.start) + 1;
      this.end = batch.bytes.indexOf(BAR, this.start);
    },
  };
}

function giveTrace(batch: RecordBatch, record: number): void {
  batch.traceId[record] = batch.appendBytes(Buffer.alloc(16, 0xab), 0, 16);
  batch.spanId[record] = batch.appendBytes(Buffer.alloc(8, 0xcd), 0, 8);
}
