import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LabelMemo, LabelSet } from '../../src/core/label-set.ts';

test('LabelMemo keeps what each of several has made of the same sets', () => {
  const step = fc.record({ memo: fc.nat({ max: 2 }), set: fc.nat({ max: 3 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const memos = Array.from({ length: 3 }, () => new LabelMemo<string>());
      const sets = Array.from({ length: 4 }, (_, i) => LabelSet.of([['a', String(i)]]));
      const model = new Map<string, string>();
      for (const [at, { memo, set }] of steps.entries()) {
        const key = `${memo} ${set}`;
        assert.equal(memos[memo]!.get(sets[set]!), model.get(key));
        if (model.has(key)) continue;
        memos[memo]!.set(sets[set]!, String(at));
        model.set(key, String(at));
      }
      for (const [key, made] of model) {
        const [memo = 0, set = 0] = key.split(' ').map(Number);
        assert.equal(memos[memo]!.get(sets[set]!), made);
      }
    }),
  );
});

test('what a LabelMemo has made does not make sets differ', () => {
  const [one, other] = [LabelSet.of([['a', 'x']]), LabelSet.of([['a', 'x']])];
  new LabelMemo<number>().set(one, 1);
  assert.deepEqual(one, other);
});
