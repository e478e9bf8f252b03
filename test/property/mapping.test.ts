import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkMappings } from '../../src/mapping/check-mappings.ts';
import type { Json } from '../../src/mapping/json.ts';
import { Mapping } from '../../src/mapping/mapping.ts';
import { MAPPED_TYPES, type MetricMapping } from '../../src/mapping/metric-mapping.ts';

const NAMES = ['a', 'b', 'length', '__proto__', 'constructor'] as const;

const steps = fc.array(
  fc.oneof(
    fc.constantFrom(...NAMES).map((name) => `["${name}"]`),
    fc.nat(3).map((place) => `[${place}]`),
  ),
  { minLength: 1, maxLength: 3 },
);
const path = fc.oneof(
  steps.map((parts) => parts.join('')),
  steps.map((parts) => `x${parts.join('')}`),
  fc.constantFrom('.', 'x', 'k', '"text"'),
);

const mapping: fc.Arbitrary<MetricMapping> = fc
  .record({
    name: fc.constantFrom('m', 'n', 'o'),
    type: fc.constantFrom(...MAPPED_TYPES),
    each: fc.constantFrom([], ['k, x in .'], ['x in .', 'k, x in x'], ['k, x in a', 'x in x.b']),
    labels: fc.dictionary(fc.constantFrom('l', 'm', 'n'), path),
    value: path,
    states: fc.option(fc.constant({ true: 'on', '1': 'on', a: 'off' }), { nil: undefined }),
    scale: fc.constantFrom(1, 0.001, 1e300),
    cumulative: fc.boolean(),
  })
  .map(({ value, states, cumulative, ...rest }) => {
    if (rest.type === 'histogram')
      return { ...rest, name: 'h', buckets: value, count: value, sum: value, cumulative_buckets: cumulative };
    return { ...rest, name: rest.name + rest.type, value, states: rest.type === 'counter' ? undefined : states };
  });

const document: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.double(),
    fc.constantFrom<Json>(
      null,
      true,
      false,
      '',
      '7',
      '-1',
      ' 2e3 ',
      '0x1',
      'a',
      -0,
      Number.POSITIVE_INFINITY,
      '\ud800',
    ),
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .array(fc.tuple(fc.constantFrom(...NAMES, '+Inf', '1', '0.5'), tie('value')), { maxLength: 4 })
      .map((pairs) => JSON.parse(`{${pairs.map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(v)}`).join(',')}}`)),
  ),
})).value;

test('a mapping of any document gives points that every format can hold, and throws nothing', () => {
  fc.assert(
    fc.property(
      fc.array(mapping, { minLength: 1, maxLength: 5 }),
      fc.array(document, { minLength: 1, maxLength: 3 }),
      (mappings, documents) => {
        fc.pre(checkMappings(mappings, []).length === 0);
        const maxSeries = 3;
        const read = new Mapping(mappings, { maxSeries, maxLabelBytes: 8 }, []);
        for (const [i, one] of documents.entries()) {
          const { families } = read.evaluate(one, { unixMs: 100 + i, startUnixMs: undefined });
          assert.equal(new Set(families.map(({ name }) => name)).size, families.length);
          for (const { points, type } of families) {
            assert.ok(points.length > 0 && points.length <= maxSeries + 1);
            assert.equal(new Set(points.map(({ labels }) => labels.id)).size, points.length);
            for (const point of points) {
              for (const [, value] of point.labels) assert.ok(value.isWellFormed() && value !== '');
              if (point.kind === 'number') assert.ok(type !== 'counter' || point.value >= 0);
              if (point.kind === 'number') assert.ok(!Number.isNaN(point.value));
              if (point.kind !== 'histogram') continue;
              const { bounds, counts, count } = point;
              assert.equal(counts.length, bounds.length + 1);
              assert.ok(
                Array.from(bounds).every((bound, i) => Number.isFinite(bound) && (i === 0 || bound > bounds[i - 1]!)),
              );
              assert.ok(Array.from(counts).every((one) => one >= 0 && Number.isSafeInteger(one)));
              assert.equal(
                Array.from(counts).reduce((sum, one) => sum + one, 0),
                count,
              );
            }
          }
        }
      },
    ),
    { numRuns: 3000 },
  );
});
