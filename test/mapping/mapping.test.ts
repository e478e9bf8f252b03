import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '../../src/mapping/json.ts';
import { type Evaluated, Mapping } from '../../src/mapping/mapping.ts';
import type { MetricMapping } from '../../src/mapping/metric-mapping.ts';
import { describe } from '../codec/prometheus/parse/parsed.ts';

const LIMITS = { maxSeries: 2000, maxLabelBytes: 256 };
const NOW = { unixMs: 1000, startUnixMs: undefined };

function evaluate(mapping: Partial<MetricMapping> | Partial<MetricMapping>[], document: Json): Evaluated {
  const mappings = [mapping].flat().map((one) => ({ name: 'm', type: 'gauge' as const, ...one }));
  return new Mapping(mappings, LIMITS, []).evaluate(document, NOW);
}

function shown({ families }: Evaluated): string[] {
  return describe(families).map((line) => line.trim());
}

function reasons({ dropped }: Evaluated): string[] {
  return dropped.map(({ reason, path, count }) => `${reason} ${path} ${count}`);
}

interface Case {
  readonly what: string;
  readonly mapping: Partial<MetricMapping> | Partial<MetricMapping>[];
  readonly document: Json;
  readonly expected: string[];
  readonly dropped?: string[];
}

const CASES: readonly Case[] = [
  { what: 'a number', mapping: { value: 'a.b' }, document: { a: { b: 1.5 } }, expected: ['gauge m', '{} 1.5'] },
  {
    what: 'type, unit and description',
    mapping: { type: 'counter', unit: 'By', description: 'All of it.', value: 'a' },
    document: { a: 3 },
    expected: ['counter m [By] "All of it."', '{} 3'],
  },
  { what: 'an element of a list', mapping: { value: 'a[1]' }, document: { a: [5, 6] }, expected: ['gauge m', '{} 6'] },
  { what: 'the document itself', mapping: { value: '.' }, document: 7, expected: ['gauge m', '{} 7'] },
  { what: 'true as 1', mapping: { value: 'a' }, document: { a: true }, expected: ['gauge m', '{} 1'] },
  { what: 'false as 0', mapping: { value: 'a' }, document: { a: false }, expected: ['gauge m', '{} 0'] },
  {
    what: 'a number in a text',
    mapping: { value: 'a' },
    document: { a: ' -1.5e3 ' },
    expected: ['gauge m', '{} -1500'],
  },
  {
    what: 'milliseconds as seconds without an error of rounding',
    mapping: { value: 'a', scale: 0.001 },
    document: { a: 9 },
    expected: ['gauge m', '{} 0.009'],
  },
  {
    what: 'labels by paths and texts, and leaves out those that are not there',
    mapping: { value: 'a', labels: { x: 'l.x', n: 'l.n', kind: '"heap"', gone: 'l.gone', list: 'l.list' } },
    document: { a: 1, l: { x: 'ü', n: 2, list: [] } },
    expected: ['gauge m', '{kind="heap",n="2",x="ü"} 1'],
    dropped: ['label l.x; l.n; "heap"; l.gone; l.list 1'],
  },
  {
    what: 'an object by its keys',
    mapping: { each: ['name, pool in pools'], value: 'pool.size', labels: { pool: 'name', zone: 'zone' } },
    document: { zone: 'z', pools: { a: { size: 1 }, b: { size: 2 } } },
    expected: ['gauge m', '{pool="a",zone="z"} 1', '{pool="b",zone="z"} 2'],
  },
  {
    what: 'a list by its places',
    mapping: { each: ['i, n in .'], value: 'n', labels: { i: 'i' } },
    document: [5, 6],
    expected: ['gauge m', '{i="0"} 5', '{i="1"} 6'],
  },
  {
    what: 'loops inside of each other',
    mapping: { each: ['u in ups', 's in u.servers'], value: 's.n', labels: { u: 'u.name', s: 's.name' } },
    document: {
      ups: [
        { name: 'a', servers: [{ name: 'x', n: 1 }] },
        { name: 'b', servers: [] },
        {
          name: 'c',
          servers: [
            { name: 'x', n: 2 },
            { name: 'y', n: 3 },
          ],
        },
      ],
    },
    expected: ['gauge m', '{s="x",u="a"} 1', '{s="x",u="c"} 2', '{s="y",u="c"} 3'],
  },
  {
    what: 'the document where a loop has taken a name, by the name in brackets',
    mapping: { each: ['pool in pools'], value: 'pool.n', labels: { all: '["pool"].n' } },
    document: { pool: { n: 9 }, pools: [{ n: 1 }] },
    expected: ['gauge m', '{all="9"} 1'],
  },
  {
    what: 'labels apart whose values look like other labels',
    mapping: { each: ['x in xs'], value: 'x.n', labels: { a: 'x.a', b: 'x.b' }, optional: true },
    document: {
      xs: [
        { n: 1, a: '1;b=2' },
        { n: 2, a: '1', b: '2' },
      ],
    },
    expected: ['gauge m', '{a="1;b=2"} 1', '{a="1",b="2"} 2'],
  },
  {
    what: 'entries of one name as one metric',
    mapping: [
      { value: 'a', labels: { k: '"a"' } },
      { value: 'b', labels: { k: '"b"' } },
    ],
    document: { a: 1, b: 2 },
    expected: ['gauge m', '{k="a"} 1', '{k="b"} 2'],
  },
  {
    what: 'a state as a series for each',
    mapping: { value: 's', states: { UP: 'ok', DOWN: 'failed', OUT: 'failed', '1': 'ok' } },
    document: { s: 'OUT' },
    expected: ['gauge m', '{state="ok"} 0', '{state="failed"} 1'],
  },
  {
    what: 'a state that is no text',
    mapping: { value: 's', states: { true: 'on', false: 'off' }, state_label: 'power' },
    document: { s: false },
    expected: ['gauge m', '{power="on"} 0', '{power="off"} 1'],
  },
  {
    what: 'a state that has no name as none of them',
    mapping: { value: 's', states: { UP: 'ok' } },
    document: { s: 'MAYBE' },
    expected: ['gauge m', '{state="ok"} 0'],
    dropped: ['state s 1'],
  },
  {
    what: 'a histogram of one bucket',
    mapping: { type: 'histogram', count: 'n', sum: 'ms', scale: 0.001 },
    document: { n: 4, ms: 1500 },
    expected: ['histogram m', '{} 4 under  sum 1.5'],
  },
  {
    what: 'buckets in the order of their bounds',
    mapping: { type: 'histogram', buckets: 'b', count: 'n', sum: 's' },
    document: { b: { '10': 2, '2.5': 1, '+Inf': 3 }, n: 6, s: 7 },
    expected: ['histogram m', '{} 1|2|3 under 2.5|10 sum 7'],
  },
  {
    what: 'what no bucket holds as that beyond the last bound',
    mapping: { type: 'histogram', buckets: 'b', count: 'n' },
    document: { b: { '10': 2 }, n: 6 },
    expected: ['histogram m', '{} 2|4 under 10 sum undefined'],
  },
  {
    what: 'buckets that hold those below',
    mapping: { type: 'histogram', buckets: 'b', cumulative_buckets: true, scale: 0.001 },
    document: { b: { '100': 1, '1000': 3, inf: 3 } },
    expected: ['histogram m', '{} 1|2|0 under 0.1|1 sum undefined'],
  },
  ...[
    { what: 'nothing where a path leads nowhere', document: { b: 1 }, reason: 'missing' },
    { what: 'nothing of null', document: { a: null }, reason: 'missing' },
    { what: 'nothing of what is inherited', value: 'constructor', document: {}, reason: 'missing' },
    { what: 'nothing of the length of a list', value: 'a.length', document: { a: [1] }, reason: 'missing' },
    { what: 'no number in a text with a unit', document: { a: '12 MB' }, reason: 'not_number' },
    { what: 'no number in an empty text', document: { a: '' }, reason: 'not_number' },
    { what: 'no number in 0x10', document: { a: '0x10' }, reason: 'not_number' },
    { what: 'no number in an object', document: { a: {} }, reason: 'not_number' },
    { what: 'no number that is infinite', document: { a: Number.POSITIVE_INFINITY }, reason: 'not_number' },
    { what: 'no number in a text that is none', document: { a: 'NaN' }, reason: 'not_number' },
  ].map(({ what, document, reason, value = 'a' }) => ({
    what,
    mapping: { value },
    document,
    expected: [],
    dropped: [`${reason} ${value} 1`],
  })),
  {
    what: 'no counter below zero',
    mapping: { type: 'counter', value: 'a' },
    document: { a: -1 },
    expected: [],
    dropped: ['negative a 1'],
  },
  {
    what: 'a loop over nothing',
    mapping: { each: ['x in xs'], value: 'x' },
    document: { xs: 3 },
    expected: [],
    dropped: ['missing x in xs 1'],
  },
  {
    what: 'the elements that have a value',
    mapping: { each: ['x in xs'], value: 'x.n', labels: { i: 'x.i' } },
    document: { xs: [{ i: 1 }, { i: 2, n: 5 }, 'x', null] },
    expected: ['gauge m', '{i="2"} 5'],
    dropped: ['missing x.n 3', 'label x.i 2'],
  },
  {
    what: 'without a word what is optional and not there',
    mapping: { each: ['x in xs'], value: 'x', optional: true },
    document: {},
    expected: [],
  },
  {
    what: 'the first of two with the same labels',
    mapping: { each: ['x in xs'], value: 'x' },
    document: { xs: [1, 2, 3] },
    expected: ['gauge m', '{} 1'],
    dropped: ['duplicate x 2'],
  },
  {
    what: 'no buckets with something else among them',
    mapping: { type: 'histogram', buckets: 'b' },
    document: { b: { '1': 2, x: 3 } },
    expected: [],
    dropped: ['not_number b 1'],
  },
  {
    what: 'no histogram of parts of a measurement',
    mapping: { type: 'histogram', count: 'n' },
    document: { n: 1.5 },
    expected: [],
    dropped: ['not_number n 1'],
  },
  {
    what: 'no buckets that shrink',
    mapping: { type: 'histogram', buckets: 'b', cumulative_buckets: true },
    document: { b: { '1': 2, '2': 1 } },
    expected: [],
    dropped: ['negative b 1'],
  },
];

for (const { what, mapping, document, expected, dropped = [] } of CASES) {
  test(`Mapping reads ${what}`, () => {
    const evaluated = evaluate(mapping, document);
    assert.deepEqual([shown(evaluated), reasons(evaluated)], [expected, dropped]);
  });
}

test('Mapping gives each series the same labels, and all of them those of the target', () => {
  const mapping = new Mapping(
    [{ name: 'm', type: 'gauge', each: ['k, v in .'], value: 'v', labels: { k: 'k' } }],
    LIMITS,
    [
      ['team', 'x'],
      ['k', 'y'],
    ],
  );
  const labelsOf = (value: number) => mapping.evaluate({ a: value }, NOW).families[0]!.points[0]!.labels;
  const before = labelsOf(1);
  assert.deepEqual(Object.fromEntries(before), { k: 'a', team: 'x' });
  assert.equal(labelsOf(2), before);
});

test('Mapping cuts labels before the character that is too much, and mends what is no Unicode', () => {
  const mapping = new Mapping(
    [{ name: 'm', type: 'gauge', value: 'v', labels: { cut: 'cut', lone: 'lone' } }],
    { maxSeries: 1, maxLabelBytes: 4 },
    [],
  );
  const { families } = mapping.evaluate({ v: 1, cut: 'aüüü', lone: '\ud800' }, NOW);
  assert.deepEqual(Object.fromEntries(families[0]!.points[0]!.labels), { cut: 'aü', lone: '\ufffd' });
});

for (const { type, rest } of [
  { type: 'counter', rest: 12 },
  { type: 'up_down_counter', rest: 12 },
  { type: 'gauge', rest: 5 },
] as const) {
  test(`Mapping adds up what of a ${type} has no series, and those that are there already go first`, () => {
    const mapping = new Mapping(
      [{ name: 'm', type, each: ['k, v in .'], value: 'v', labels: { k: 'k' } }],
      { maxSeries: 2, maxLabelBytes: 9 },
      [],
    );
    const read = (document: Json) => {
      const evaluated = mapping.evaluate(document, NOW);
      return [...shown(evaluated).slice(1), ...reasons(evaluated)];
    };
    assert.deepEqual(read({ y: 1, z: 2 }), ['{k="y"} 1', '{k="z"} 2']);
    const overflow = `{otel.metric.overflow="true"} ${rest}`;
    assert.deepEqual(read({ a: 3, y: 1, b: 4, z: 2, c: 5 }), ['{k="y"} 1', '{k="z"} 2', overflow, 'overflow  3']);
    assert.deepEqual(read({ a: 3, b: 4 }), ['{k="a"} 3', '{k="b"} 4']);
  });
}

test('Mapping looks at so many elements and no more', () => {
  const list = Array.from({ length: 300 }, (_, i) => i);
  const each = ['i, a in .', 'j, b in .'];
  const evaluated = evaluate({ each, value: 'b', labels: { i: 'i', j: 'j' }, type: 'counter' }, list);
  assert.equal(evaluated.samples, 20_000);
  assert.deepEqual(reasons(evaluated), ['elements b 1', 'overflow  18000']);
});
