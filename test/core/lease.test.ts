import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { CountedLease, type Outcome, worse } from '../../src/core/lease.ts';

/** From best to worst. */
const OUTCOMES: readonly Outcome[] = ['delivered', 'dropped', 'rejected', 'abandoned'];

/** A lease, and the outcomes with which it settled. */
function observedLease(): { lease: CountedLease; settled: Outcome[] } {
  const settled: Outcome[] = [];
  return { lease: new CountedLease((outcome) => settled.push(outcome)), settled };
}

describe('worse()', () => {
  for (const [i, a] of OUTCOMES.entries()) {
    for (const [j, b] of OUTCOMES.entries()) {
      const expected = OUTCOMES[Math.max(i, j)];
      test(`gives ${expected} for ${a} and ${b}`, () => assert.equal(worse(a, b), expected));
    }
  }
});

describe('CountedLease', () => {
  test('settles once, with the worst outcome, when the last hold is settled', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...OUTCOMES), { minLength: 1, maxLength: 20 }), (outcomes) => {
        const { lease, settled } = observedLease();
        for (let hold = 1; hold < outcomes.length; hold++) lease.retain();
        for (const outcome of outcomes) {
          assert.deepEqual(settled, []);
          lease.settle(outcome);
        }
        assert.deepEqual(settled, [outcomes.reduce(worse)]);
      }),
    );
  });

  test('carry() settles the other lease with this one, and no earlier', () => {
    const { lease, settled } = observedLease();
    const other = observedLease();
    lease.carry(other.lease);
    other.lease.settle('delivered');
    assert.deepEqual(other.settled, []);
    lease.settle('rejected');
    assert.deepEqual(settled, ['rejected']);
    assert.deepEqual(other.settled, ['rejected']);
  });

  test('carry() leaves the worse outcome of the other lease', () => {
    const { lease } = observedLease();
    const other = observedLease();
    lease.carry(other.lease);
    other.lease.settle('abandoned');
    lease.settle('delivered');
    assert.deepEqual(other.settled, ['abandoned']);
  });

  test('carry() passes an outcome on through leases that carry leases', () => {
    const leases = Array.from({ length: 5 }, observedLease);
    for (let i = 1; i < leases.length; i++) leases[i - 1]!.lease.carry(leases[i]!.lease);
    for (const { lease } of leases.slice(1)) lease.settle('delivered');
    leases[0]!.lease.settle('dropped');
    for (const { settled } of leases) assert.deepEqual(settled, ['dropped']);
  });

  const misuses: [name: string, misuse: (lease: CountedLease) => void, message: string][] = [
    ['settle()', (lease) => lease.settle('delivered'), 'Cannot settle lease: already settled'],
    ['retain()', (lease) => lease.retain(), 'Cannot retain lease: already settled'],
    ['carry()', (lease) => lease.carry(observedLease().lease), 'Cannot carry lease: already settled'],
  ];
  for (const [name, misuse, message] of misuses) {
    test(`${name} throws once the lease is settled, and calls nothing`, () => {
      const { lease, settled } = observedLease();
      lease.settle('delivered');
      assert.throws(() => misuse(lease), { message });
      assert.deepEqual(settled, ['delivered']);
    });
  }

  test('carry() throws when the other lease is settled, and this one still settles', () => {
    const { lease, settled } = observedLease();
    const other = observedLease();
    other.lease.settle('delivered');
    assert.throws(() => lease.carry(other.lease), { message: 'Cannot retain lease: already settled' });
    lease.settle('delivered');
    assert.deepEqual(settled, ['delivered']);
    assert.deepEqual(other.settled, ['delivered']);
  });
});
