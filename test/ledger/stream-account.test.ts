import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FakeClock } from '../../src/core/fake-clock.ts';
import { CountedLease, type Lease } from '../../src/core/lease.ts';
import { unansweredOf } from '../../src/ledger/columns.ts';
import { sumOf } from '../../src/ledger/reasons.ts';
import { SourceLedger } from '../../src/ledger/source-ledger.ts';
import type { StreamAccount } from '../../src/ledger/stream-account.ts';
import type { MetricName } from '../../src/telemetry/metric-names.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import { sourceLedger } from '../harness/ledger.ts';

const ROUTES = ['logs/one', 'logs/two'];

/** A file of one generation as its reader and its sinks treat it. */
type Step =
  | { readonly do: 'grow' | 'read'; readonly by: number }
  | { readonly do: 'shrink' }
  | { readonly do: 'answer'; readonly range: number; readonly outcome: 'delivered' | 'rejected' }
  | { readonly do: 'restart' };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constantFrom('grow' as const, 'read' as const), by: fc.integer({ min: 1, max: 50 }) }),
  fc.record({ do: fc.constant('shrink' as const) }),
  fc.record({
    do: fc.constant('answer' as const),
    range: fc.nat({ max: 5 }),
    outcome: fc.constantFrom('delivered' as const, 'rejected' as const),
  }),
  fc.record({ do: fc.constant('restart' as const) }),
);

/** Ranges that wait for their answers, in read order; those before an open one are committed in that order, too. */
interface Open {
  readonly bytes: number;
  readonly lease: Lease;
  isAnswered: boolean;
}

test('LED-02 LED-04 the books of a stream agree with a model of its file after every step, also over restarts', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let ledger = new SourceLedger({ source: 'app', routes: ROUTES, metrics: new Metrics(), clock: new FakeClock() });
      let account = ledger.account('stream');
      let [size, offset, committed, gone] = [0, 0, 0, 0];
      let open: Open[] = [];
      const place = () => ({ size, offset, committedOffset: committed });
      account.begin(offset);
      account.places.add(place);
      account.agree();
      for (const step of steps) {
        switch (step.do) {
          case 'grow':
            size += step.by;
            account.saw(step.by);
            break;
          case 'read': {
            const bytes = Math.min(step.by, size - offset);
            if (bytes === 0) break;
            const empty = bytes > 3 ? 1 : 0;
            const tally = account.claim({ bytes, skipped: { bom: bytes > 5 ? 3 : 0 }, records: 4, emptyLines: empty });
            open.push({ bytes, lease: new CountedLease(() => tally.commit(), tally), isAnswered: false });
            offset += bytes;
            break;
          }
          case 'shrink':
            gone += size - offset;
            account.lose('truncated', size - offset);
            size = offset;
            break;
          case 'answer': {
            const range = open[step.range];
            if (range !== undefined) range.isAnswered = true;
            // Commits in order, as behind the low-water mark.
            while (open[0]?.isAnswered) {
              const { bytes, lease } = open.shift()!;
              const emptyLines = bytes > 3 ? 1 : 0;
              for (const route of ROUTES) lease.onRoute(route).count(step.outcome, 4 - emptyLines, 'bad_data');
              lease.settle(step.outcome);
              committed += bytes;
            }
            break;
          }
          case 'restart': {
            const stored: unknown = JSON.parse(JSON.stringify(ledger.toStored()));
            const metrics = new Metrics();
            ledger = new SourceLedger({ source: 'app', routes: ROUTES, metrics, clock: new FakeClock(), stored });
            account = ledger.account('stream');
            offset = committed;
            open = [];
            account.begin(offset);
            account.places.add(place);
            account.agree();
            break;
          }
          default:
            step satisfies never;
        }
        assert.equal(account.unaccountedBytes, 0, step.do);
        assert.equal(account.unreadBytes, size - offset);
        assert.equal(account.seenBytes, size + gone);
        assert.equal(sumOf(account.gone), gone);
        assertRoutes(account, open);
      }
    }),
    { numRuns: 300 },
  );
});

function assertRoutes(account: StreamAccount, open: readonly Open[]): void {
  const inFlight = account.open();
  for (const route of ROUTES) {
    const unanswered = open.reduce((sum, { bytes }) => sum + (bytes > 3 ? 3 : 4), 0);
    assert.equal(unansweredOf(inFlight.route(route)), unanswered);
    assert.equal(unansweredOf(account.settled.routes[route] ?? inFlight.route('none')), 0);
  }
}

test('agree() names as gone what an earlier generation had read and not settled', () => {
  const first = sourceLedger();
  const account = first.account('s');
  account.begin(0);
  account.saw(100);
  account.claim({ bytes: 100, skipped: {}, records: 1, emptyLines: 0 });
  account.saw(10); // of the next generation
  const stored = JSON.parse(JSON.stringify(first.toStored())) as unknown;
  const metrics = new Metrics();
  const second = new SourceLedger({ source: 'app', routes: [], metrics, clock: new FakeClock(), stored });
  second.account('s').places.add(() => ({ offset: 0, size: 10, committedOffset: 0 }));
  second.account('s').agree();
  assert.deepEqual(second.account('s').gone, { truncated: 100 });
  assert.equal(second.account('s').unreadBytes, 10);
  assert.equal(metrics.sum('pillion_source_seen_bytes_total'), 110);
  assert.equal(metrics.sum('pillion_source_gone_bytes_total', { reason: 'truncated' }), 100);
});

test('agree() leaves alone what is unread in another place of the stream', () => {
  const account = sourceLedger().account('s');
  const lost = () => ({ offset: 40, size: 100, committedOffset: 40 });
  account.begin(0);
  account.saw(100);
  account.claim({ bytes: 40, skipped: {}, records: 1, emptyLines: 0 });
  account.places.add(lost);
  account.places.add(() => ({ offset: 0, size: 10, committedOffset: 0 }));
  account.saw(10);
  account.agree();
  assert.deepEqual([account.seenBytes, account.unreadBytes, account.unaccountedBytes], [110, 70, 0]);
  account.pass('already_delivered', 60);
  account.places.delete(lost);
  assert.deepEqual([account.seenBytes, account.unreadBytes, account.unaccountedBytes], [110, 10, 0]);
});

test('begin() takes what a life without books delivered as delivered', () => {
  const account = sourceLedger().account('s');
  account.begin(70);
  account.places.add(() => ({ offset: 70, size: 100, committedOffset: 70 }));
  account.agree();
  assert.deepEqual([account.seenBytes, account.settled.skipped], [100, { already_delivered: 70 }]);
  assert.equal(account.unreadBytes, 30);
});

test('reopen() gives back what was read and not committed, whenever its answer comes', () => {
  const metrics = new Metrics();
  const ledger = sourceLedger('app', metrics, ['logs/one']);
  const account = ledger.account('s');
  const place = { offset: 80, size: 100, committedOffset: 30 };
  account.places.add(() => place);
  account.saw(100);
  account.claim({ bytes: 30, skipped: {}, records: 3, emptyLines: 0 }).commit();
  const open = account.claim({ bytes: 50, skipped: { oversize_rest: 10 }, records: 4, emptyLines: 0 });
  const said: string[] = [];
  open.onCommit({ commit: () => said.push('committed'), giveUp: () => said.push('given up') });
  ledger.reopen();
  place.offset = 30;
  open.count('logs/one', 'delivered', 4, '');
  open.commit();
  assert.deepEqual(said, ['given up'], 'what is read again counts then');
  assert.deepEqual([account.unreadBytes, account.unaccountedBytes, account.settled.readBytes], [70, 0, 30]);
  const sumOf = (name: MetricName): number => metrics.sum(name);
  const read = sumOf('pillion_source_read_bytes_total') + sumOf('pillion_source_skipped_bytes_total');
  assert.equal(sumOf('pillion_source_seen_bytes_total'), read + account.unreadBytes);
});

test('useRoutes() is for what is read from then on, and shows a route as long as something is on its way', () => {
  const metrics = new Metrics();
  const ledger = sourceLedger('app', metrics, ['logs/one']);
  const account = ledger.account('s');
  account.saw(20);
  const before = account.claim({ bytes: 10, skipped: {}, records: 1, emptyLines: 0 });
  ledger.useRoutes(['logs/two']);
  const after = account.claim({ bytes: 10, skipped: {}, records: 1, emptyLines: 0 });
  const shown = (): Record<string, number> => metrics.sumBy('pillion_in_flight_records', 'sink');
  assert.deepEqual(shown(), { one: 1, two: 1 });
  before.count('logs/one', 'delivered', 1, '');
  after.count('logs/two', 'delivered', 1, '');
  before.commit();
  after.commit();
  ledger.useRoutes(['logs/two']);
  assert.deepEqual(shown(), { two: 0 });
  assert.equal(metrics.sum('pillion_ledger_unaccounted_records'), 0);
  ledger.retire();
  assert.deepEqual(shown(), {});
});

test('closeExcept() adds up what is finished, waits for open ranges, and keeps the sum over a restart', () => {
  const ledger = sourceLedger('app', new Metrics(), ['logs/one']);
  for (const id of ['kept', 'gone', 'busy']) {
    const account = ledger.account(id);
    account.begin(0);
    account.saw(10);
    const tally = account.claim({ bytes: 8, skipped: {}, records: 2, emptyLines: 0 });
    tally.count('logs/one', 'delivered', 2, '');
    if (id !== 'busy') tally.commit();
  }
  ledger.closeExcept((id) => id === 'kept');
  assert.deepEqual(
    Array.from(ledger.accounts(), ({ id }) => id),
    ['kept', 'busy'],
  );
  const stored = JSON.parse(JSON.stringify(ledger.toStored())) as unknown;
  const next = new SourceLedger({ source: 'app', routes: [], metrics: new Metrics(), clock: new FakeClock(), stored });
  const { streams, seenBytes, gone, columns } = next.finished;
  assert.deepEqual([streams, seenBytes, gone, columns.readBytes], [1, 10, { deleted: 2 }, 8]);
  assert.equal(columns.routes['logs/one']?.delivered, 2);
});

test('a ledger reads nothing into a section that is none', () => {
  for (const stored of [
    null,
    7,
    'x',
    [],
    { streams: 7 },
    { streams: { s: null } },
    { finished: { gone: { x: -1 } } },
  ]) {
    const ledger = new SourceLedger({
      source: 'app',
      routes: [],
      metrics: new Metrics(),
      clock: new FakeClock(),
      stored,
    });
    assert.equal(ledger.account('s').seenBytes, 0);
    assert.deepEqual(ledger.finished.gone, {});
  }
});
