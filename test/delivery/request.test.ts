import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { KeyTable } from '../../src/core/key-table.ts';
import { CountedLease, type Outcome, worse } from '../../src/core/lease.ts';
import { RecordBatch } from '../../src/core/record-batch.ts';
import { Resource } from '../../src/core/resource.ts';
import { Request } from '../../src/delivery/request.ts';
import { OBSERVED_UNIX_MS } from '../harness/batch.ts';
import { leaseOf } from './fixtures.ts';
import { LineEncoder } from './line-encoder.ts';

const batch = new RecordBatch(new KeyTable(), 64);
batch.reset({ id: 'test', name: 'test', resource: new Resource() }, OBSERVED_UNIX_MS);
batch.addRecord(0, 0);

/** A request with a claim for each count of records, and the leases behind them. */
function requestOf(counts: readonly number[]) {
  const request = new Request(new LineEncoder());
  const leases = counts.map((count) => {
    for (let i = 0; i < count; i++) request.encoder.append(batch, 0);
    const watched = leaseOf();
    request.claim(watched.lease, 'test');
    watched.lease.settle('delivered');
    return watched;
  });
  return { request, leases };
}

test('Request.claim() keeps no hold, when no record came since the last claim', () => {
  const { leases } = requestOf([0, 2, 0]);
  assert.deepEqual(
    leases.map(({ outcome }) => outcome),
    ['delivered', undefined, 'delivered'],
  );
});

test('Request.settle() settles a claim when its last record is answered, with the worst of its answers', () => {
  const { request, leases } = requestOf([2, 3, 1]);
  const outcomes = (): (Outcome | undefined)[] => leases.map(({ outcome }) => outcome);
  request.settle(1, 'rejected');
  assert.deepEqual(outcomes(), [undefined, undefined, undefined]);
  request.settle(4, 'delivered');
  assert.deepEqual(outcomes(), ['rejected', undefined, undefined]);
  request.settle(6, 'abandoned');
  assert.deepEqual(outcomes(), ['rejected', 'abandoned', 'abandoned']);
});

test('ANS-22 Request.settle() counts the records of each claim, by what became of them', () => {
  const counted: string[] = [];
  const request = new Request(new LineEncoder());
  for (const [name, records] of [
    ['a', 2],
    ['b', 3],
  ] as const) {
    for (let i = 0; i < records; i++) request.encoder.append(batch, 0);
    const tally = {
      count: (route: string, outcome: Outcome, records: number, reason: string) => {
        counted.push(`${name} ${route}: ${records} ${outcome} ${reason}`.trimEnd());
      },
      onCommit: () => {},
      commit: () => {},
    };
    const lease = new CountedLease(() => counted.push(`${name} settles`), tally);
    const routed = lease.onRoute('logs/backend');
    request.claim(routed, name);
    routed.settle('delivered');
  }
  request.settle(1, 'rejected', 'bad_data');
  request.settle(1, 'delivered');
  request.settle(4, 'delivered');
  request.settle(5, 'abandoned');
  assert.deepEqual(counted, [
    'a logs/backend: 1 rejected bad_data',
    'a logs/backend: 1 delivered',
    'a settles',
    'b logs/backend: 2 delivered',
    'b logs/backend: 1 abandoned',
    'b settles',
  ]);
});

test('Request.settle() gives every claim the worst outcome of its own records, however the answers are cut', () => {
  const outcome = fc.constantFrom<Outcome>('delivered', 'rejected', 'abandoned');
  fc.assert(
    fc.property(
      fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 8 }),
      fc.array(fc.tuple(fc.integer({ min: 1, max: 7 }), outcome), { minLength: 40, maxLength: 40 }),
      (counts, answers) => {
        const { request, leases } = requestOf(counts);
        const total = request.encoder.recordCount;
        const perRecord: Outcome[] = [];
        for (const [count, answer] of answers) {
          const to = Math.min(perRecord.length + count, total);
          if (to === perRecord.length) break;
          while (perRecord.length < to) perRecord.push(answer);
          request.settle(to, answer);
        }
        let from = 0;
        for (const [index, count] of counts.entries()) {
          const expected = perRecord.slice(from, from + count).reduce(worse, 'delivered');
          assert.equal(leases[index]?.outcome, expected);
          from += count;
        }
      },
    ),
  );
});
