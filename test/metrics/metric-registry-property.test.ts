import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { OffsetTracker } from '../../src/checkpoint/offset-tracker.ts';
import type { Instrument } from '../../src/core/instruments.ts';
import type { Lease } from '../../src/core/lease.ts';
import { StreamAccount } from '../../src/ledger/stream-account.ts';
import type { MetricRegistry } from '../../src/metrics/metric-registry.ts';
import { batchOf } from '../harness/batch.ts';
import { bodyPart, registryOf, shown, specOf } from '../harness/registry.ts';

/** What may happen to an agent that reads some streams. */
type Action =
  | { readonly kind: 'read'; readonly stream: number; readonly records: number }
  | { readonly kind: 'settle'; readonly which: number }
  | { readonly kind: 'write'; readonly isGood: boolean }
  | { readonly kind: 'kill' };

const STREAMS = 3;
const LABELS = ['a', 'b', '', 'long', 'ä'];
const BOUNDS = [2, 5];

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('read' as const), stream: fc.nat(STREAMS - 1), records: fc.nat(5) }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('settle' as const), which: fc.nat(20) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('write' as const), isGood: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'kill' as const }) },
);

/** The nth record of a stream: its label and its value, both known for ever. */
function recordOf(stream: number, offset: number): { label: string; value: number } {
  const n = 7 * stream + 13 * offset;
  return { label: LABELS[n % LABELS.length]!, value: (n * 5) % 9 };
}

/** What must be shown when so many records of each stream are counted. */
function truth(offsets: readonly number[]): Record<string, unknown> {
  const counts = new Map<string, number[]>();
  for (const [stream, end] of offsets.entries()) {
    for (let offset = 0; offset < end; offset++) {
      const { label, value } = recordOf(stream, offset);
      const values = counts.get(label) ?? [];
      values.push(value);
      counts.set(label, values);
    }
  }
  const expected: Record<string, unknown> = {};
  for (const [label, values] of counts) {
    const labels = label === '' ? '' : `label="${label}"`;
    const sum = values.reduce((a, b) => a + b, 0);
    const buckets = [0, 0, 0];
    for (const value of values) buckets[value <= 2 ? 0 : value <= 5 ? 1 : 2]!++;
    expected[`sum{${labels}}`] = sum;
    expected[`took{${labels}}`] = {
      counts: buckets,
      count: values.length,
      sum,
      min: Math.min(...values),
      max: Math.max(...values),
    };
  }
  return expected;
}

/** An agent in one life: what it has read and not settled is lost with it. */
class Life {
  readonly registry: MetricRegistry;
  readonly #counter: Instrument;
  readonly #histogram: Instrument;
  readonly #trackers: readonly OffsetTracker<undefined>[];
  readonly #accounts: readonly StreamAccount[];
  readonly #read: number[];
  readonly open: Lease[] = [];

  constructor({ offsets, metrics }: Disk) {
    this.registry = registryOf({ restored: metrics }).registry;
    this.#counter = this.registry.open(specOf({ name: 'sum', type: 'counter', labels: ['label'] }), [bodyPart(0)]);
    this.#histogram = this.registry.open(
      specOf({ name: 'took', type: 'histogram', labels: ['label'], buckets: { kind: 'explicit', bounds: BOUNDS } }),
      [bodyPart(0)],
    );
    this.#read = [...offsets];
    this.#trackers = offsets.map((offset) => new OffsetTracker({ offset, resume: undefined }, () => {}));
    const clock = registryOf().clock;
    const ignored = { routes: () => [], claimed() {}, seen() {}, skipped() {}, gone() {}, goneUnknown() {} };
    this.#accounts = offsets.map((_, stream) => new StreamAccount(String(stream), { clock, ...ignored }));
  }

  get committed(): number[] {
    return this.#trackers.map(({ committed }) => committed.offset);
  }

  read(stream: number, records: number): void {
    const start = this.#read[stream]!;
    this.#read[stream] = start + records;
    const found = Array.from({ length: records }, (_, i) => recordOf(stream, start + i));
    const tally = this.#accounts[stream]!.claim({ bytes: records, skipped: {}, records, emptyLines: 0 });
    const lease = this.#trackers[stream]!.open(start, start + records, undefined, tally);
    const batch = batchOf(found.map(({ label }) => label));
    for (const [record, { value }] of found.entries()) {
      this.#counter.record(batch, record, value);
      this.#histogram.record(batch, record, value);
    }
    this.registry.seal(lease.onRoute('p/s'));
    this.open.push(lease);
  }
}

interface Disk {
  readonly offsets: readonly number[];
  readonly metrics: unknown;
}

test('CKP-12: a registry shows at every moment what lies before the offsets on the disk, whatever is killed when', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      let disk: Disk = { offsets: Array.from({ length: STREAMS }, () => 0), metrics: undefined };
      let life = new Life(disk);
      const check = (): void => assert.deepEqual(shown(life.registry), truth(disk.offsets));
      for (const action of actions) {
        switch (action.kind) {
          case 'read':
            life.read(action.stream, action.records);
            break;
          case 'settle': {
            const [lease] = life.open.splice(action.which % Math.max(1, life.open.length), 1);
            lease?.settle('delivered');
            break;
          }
          case 'write': {
            // What is stored together is taken at one moment.
            life.registry.beginWrite();
            const stored = { offsets: life.committed, metrics: JSON.parse(life.registry.snapshot()) as unknown };
            if (!action.isGood) break;
            life.registry.endWrite();
            disk = stored;
            break;
          }
          case 'kill':
            life = new Life(disk);
            break;
          default:
            action satisfies never;
        }
        check();
      }
      for (const lease of life.open.splice(0)) lease.settle('rejected');
      life.registry.beginWrite();
      disk = { offsets: life.committed, metrics: JSON.parse(life.registry.snapshot()) as unknown };
      life.registry.endWrite();
      check();
      assert.deepEqual(truth(life.committed), truth(disk.offsets));
    }),
    { numRuns: 300 },
  );
});
