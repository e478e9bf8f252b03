import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { HealthState } from '../../../src/sources/health/health-state.ts';

/** The states after each result: `+` passed, `-` failed. */
function states(results: string, { successes = 1, failures = 3 } = {}): string {
  const state = new HealthState(successes, failures);
  const seen = [...results].map((result) => {
    state.take(result === '+');
    return { unknown: '?', up: 'U', down: 'D' }[state.health];
  });
  return seen.join('');
}

for (const [results, expected, thresholds] of [
  ['+-+--+---+', 'UUUUUUUUDU', {}],
  ['--+', '??U', {}],
  ['----+', '??DDU', {}],
  ['++-++', '?UUUU', { successes: 2 }],
  ['-+-++-', 'DDDDUD', { successes: 2, failures: 1 }],
] as const) {
  test(`${results} are ${expected} with ${JSON.stringify(thresholds)}`, () =>
    assert.equal(states(results, thresholds), expected));
}

test('a state changes exactly when so many results in a row say so, and says what it was before', () => {
  const thresholds = fc.record({ successes: fc.integer({ min: 1, max: 4 }), failures: fc.integer({ min: 1, max: 4 }) });
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 60 }), thresholds, (results, { successes, failures }) => {
      const state = new HealthState(successes, failures);
      let shown = state.health;
      for (const [i, passed] of results.entries()) {
        const before = state.take(passed);
        assert.equal(before, state.health === shown ? undefined : shown);
        shown = state.health;
        const needed = passed ? successes : failures;
        const last = results.slice(Math.max(0, i + 1 - needed), i + 1);
        if (last.length === needed && last.every((one) => one === passed)) assert.equal(shown, passed ? 'up' : 'down');
      }
    }),
  );
});
