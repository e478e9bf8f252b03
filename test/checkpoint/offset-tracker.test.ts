import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { OffsetTracker, type Position } from '../../src/checkpoint/offset-tracker.ts';
import type { Lease, Outcome } from '../../src/core/lease.ts';

function tracked(offset = 0) {
  const commits: Position<string>[] = [];
  const tracker = new OffsetTracker<string>({ offset, resume: 'start' }, (position) => commits.push(position));
  return { tracker, commits };
}

test('open() moves the mark only over the front', () => {
  const { tracker, commits } = tracked(10);
  const [first, second, third] = [tracker.open(10, 20, 'a'), tracker.open(20, 30, 'b'), tracker.open(30, 40, 'c')];
  second.settle('delivered');
  assert.deepEqual(commits, []);
  first.settle('dropped');
  assert.deepEqual(commits, [{ offset: 30, resume: 'b' }], 'one commit for both');
  assert.equal(tracker.isSettled, false);
  third.settle('rejected');
  assert.deepEqual(tracker.committed, { offset: 40, resume: 'c' });
  assert.equal(tracker.isSettled, true);
});

test('open() stops the mark for good at an abandoned range', () => {
  const { tracker, commits } = tracked();
  const [first, second] = [tracker.open(0, 5, 'a'), tracker.open(5, 9, 'b')];
  first.settle('abandoned');
  second.settle('delivered');
  tracker.open(9, 12, 'c').settle('delivered');
  assert.deepEqual(commits, []);
  assert.deepEqual(tracker.committed, { offset: 0, resume: 'start' });
});

test('open() waits for the last hold of a range', () => {
  const { tracker } = tracked();
  const lease = tracker.open(0, 5, 'a');
  lease.retain();
  lease.settle('delivered');
  assert.equal(tracker.committed.offset, 0);
  lease.settle('delivered');
  assert.equal(tracker.committed.offset, 5);
});

for (const { name, start, end } of [
  { name: 'before the last one', start: 4, end: 9 },
  { name: 'behind a gap', start: 6, end: 9 },
  { name: 'that ends before it starts', start: 5, end: 4 },
]) {
  test(`open() refuses a range ${name}`, () => {
    const { tracker } = tracked();
    tracker.open(0, 5, 'a');
    assert.throws(() => tracker.open(start, end, 'b'), RangeError);
  });
}

test('CKP-10 the mark is the end of the longest settled front, and never goes back', () => {
  const outcome = fc.constantFrom<Outcome>('delivered', 'dropped', 'rejected', 'abandoned');
  const step = fc.oneof(
    fc.record({ open: fc.integer({ min: 0, max: 5 }) }),
    fc.record({
      settle: fc.nat(),
      outcome: fc.oneof({ weight: 9, arbitrary: fc.constant<Outcome>('delivered') }, outcome),
    }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { tracker, commits } = tracked();
      const ranges: { end: number; lease: Lease; outcome: Outcome | undefined }[] = [];
      let openedTo = 0;
      for (const action of steps) {
        const commitsBefore = commits.length;
        if ('open' in action) {
          const end = openedTo + action.open;
          ranges.push({ end, lease: tracker.open(openedTo, end, `at ${end}`), outcome: undefined });
          openedTo = end;
        } else {
          const open = ranges.filter((range) => range.outcome === undefined);
          const range = open[action.settle % open.length];
          if (range === undefined) continue;
          range.outcome = action.outcome;
          range.lease.settle(action.outcome);
        }
        const stuck = ranges.findIndex(({ outcome }) => outcome === undefined || outcome === 'abandoned');
        const passed = stuck === -1 ? ranges.length : stuck;
        const expected = ranges[passed - 1]?.end ?? 0;
        assert.equal(tracker.committed.offset, expected);
        assert.equal(tracker.isSettled, passed === ranges.length);
        assert.ok(commits.length - commitsBefore <= 1, 'more than one commit for one settle');
      }
      const offsets = commits.map(({ offset }) => offset);
      assert.deepEqual(
        offsets,
        offsets.toSorted((a, b) => a - b),
      );
      assert.ok(commits.every(({ offset, resume }) => resume === `at ${offset}`));
    }),
    { numRuns: 1000 },
  );
});
