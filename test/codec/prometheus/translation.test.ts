import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Conflict } from '../../../src/codec/prometheus/merged-families.ts';
import type { PrometheusFamily } from '../../../src/codec/prometheus/prometheus-family.ts';
import { PrometheusTranslation, type TranslationOptions } from '../../../src/codec/prometheus/translation.ts';
import { LabelSet } from '../../../src/core/label-set.ts';
import type { MetricFamily, MetricSet, MetricType } from '../../../src/core/metric.ts';
import { Resource } from '../../../src/core/resource.ts';

const OPTIONS: TranslationOptions = {
  strategy: 'underscore_escaping_with_suffixes',
  targetLabels: true,
  targetInfo: true,
  scopeLabels: true,
};

const checkout = new Resource([
  ['service.name', 'checkout'],
  ['service.namespace', 'shop'],
  ['service.instance.id', 'pod-1'],
  ['k8s.node.name', 'node-7'],
]);

test('families() names, types and labels a metric of OTLP as Prometheus does', () => {
  const set = setOf([numbers('http.requests', 'counter', [[{ 'http.route': '/a' }, 3]])], { resource: checkout });
  assert.deepEqual(shown(new PrometheusTranslation(OPTIONS).families([set])), {
    'info target_info': ['instance="pod-1" job="shop/checkout" k8s_node_name="node-7" 1'],
    'counter http_requests_total': ['http_route="/a" instance="pod-1" job="shop/checkout" 3'],
  });
});

test('families() says who measured, where that has a name', () => {
  const scope = { name: 'pillion', version: '1.2' };
  const sets = [setOf([numbers('a', 'gauge', [[{}, 1]])], { scope }), setOf([numbers('b', 'gauge', [[{}, 2]])])];
  assert.deepEqual(shown(new PrometheusTranslation(OPTIONS).families(sets)), {
    'gauge a': ['otel_scope_name="pillion" otel_scope_version="1.2" 1'],
    'gauge b': [' 2'],
  });
  const withoutScope = new PrometheusTranslation({ ...OPTIONS, scopeLabels: false }).families(sets);
  assert.deepEqual(shown(withoutScope)['gauge a'], [' 1']);
});

test('families() leaves the names of sets that came from Prometheus as they are', () => {
  const set = setOf([numbers('my.requests', 'counter', [[{ 'my.label': 'x', job: 'theirs' }, 1]])], {
    resource: checkout,
    naming: 'prometheus',
    scope: { name: 'ignored', version: '' },
  });
  const families = new PrometheusTranslation({ ...OPTIONS, targetInfo: false }).families([set]);
  assert.deepEqual(shown(families), { 'counter my.requests': ['instance="pod-1" job="theirs" my.label="x" 1'] });
});

test('families() joins the values of attributes that get one name, in the order of the old names', () => {
  const set = setOf([numbers('a', 'gauge', [[{ 'x.y': '2', 'x-y': '1' }, 1]])]);
  assert.deepEqual(shown(new PrometheusTranslation(OPTIONS).families([set])), { 'gauge a': ['x_y="1;2" 1'] });
});

test('families() shows an attribute beside a label of its name as exported_', () => {
  const set = setOf([numbers('a', 'gauge', [[{ job: 'mine', exported_job: 'old' }, 1]])], { resource: checkout });
  const families = new PrometheusTranslation({ ...OPTIONS, targetInfo: false }).families([set]);
  assert.deepEqual(shown(families)['gauge a'], [
    'exported_exported_job="mine" exported_job="old" instance="pod-1" job="shop/checkout" 1',
  ]);
});

test('families() keeps le and quantile for buckets and quantiles', () => {
  const labels = LabelSet.of([['le', 'mine']]);
  const family: MetricFamily = {
    ...numbers('a', 'histogram', []),
    points: [{ kind: 'histogram', labels, bounds: [1], counts: [0, 1], count: 1, sum: 2 }],
  };
  const [histogram] = new PrometheusTranslation(OPTIONS).families([setOf([family])]);
  assert.deepEqual([...histogram!.series[0]!.labels], [['exported_le', 'mine']]);
});

test('families() gives the same label set each time for the same series', () => {
  const translation = new PrometheusTranslation(OPTIONS);
  const set = setOf([numbers('a', 'gauge', [[{ 'x.y': '1' }, 1]])]);
  const labels = translation.families([set])[0]!.series[0]!.labels;
  assert.equal(translation.families([set])[0]!.series[0]!.labels, labels);
});

test('families() makes one family of metrics of several producers', () => {
  const sets = [
    setOf([numbers('a.b', 'counter', [[{ code: '200' }, 1]])]),
    setOf([numbers('a_b', 'counter', [[{ code: '500' }, 2]])]),
  ];
  assert.deepEqual(shown(new PrometheusTranslation(OPTIONS).families(sets)), {
    'counter a_b_total': ['code="200" 1', 'code="500" 2'],
  });
});

const CONFLICTS: readonly { what: string; sets: MetricSet[]; kept: number[]; conflict: Conflict }[] = [
  {
    what: 'a metric of another type',
    sets: [setOf([numbers('a', 'gauge', [[{}, 1]])]), setOf([numbers('a', 'unknown', [[{}, 2]])])],
    kept: [1],
    conflict: { kind: 'type', name: 'a', series: 1 },
  },
  {
    what: 'a metric whose samples would have the name of another’s',
    sets: [setOf([numbers('a_sum', 'gauge', [[{}, 1]])]), setOf([{ ...numbers('a', 'summary', [[{}, 2]]) }])],
    kept: [1],
    conflict: { kind: 'name', name: 'a', series: 1 },
  },
  {
    what: 'a series that is there already, of another producer',
    sets: [setOf([numbers('a', 'gauge', [[{ x: '1' }, 1]])]), setOf([numbers('a', 'gauge', [[{ x: '1' }, 2]])])],
    kept: [1],
    conflict: { kind: 'series', name: 'a', series: 1 },
  },
  {
    what: 'a series that is there already by translation',
    sets: [
      setOf([
        numbers('a', 'gauge', [
          [{ 'x.y': '1' }, 1],
          [{ x_y: '1' }, 2],
        ]),
      ]),
    ],
    kept: [1],
    conflict: { kind: 'series', name: 'a', series: 1 },
  },
  {
    what: 'a series of an application that says to be the other one',
    sets: [
      setOf(
        [
          numbers('a', 'gauge', [
            [{}, 1],
            [{ job: 'shop/checkout' }, 2],
          ]),
        ],
        {
          naming: 'prometheus',
          resource: checkout,
        },
      ),
    ],
    kept: [1],
    conflict: { kind: 'series', name: 'a', series: 1 },
  },
];

for (const { what, sets, kept, conflict } of CONFLICTS) {
  test(`families() leaves out ${what}, and says so`, () => {
    const conflicts: Conflict[] = [];
    const translation = new PrometheusTranslation({ ...OPTIONS, targetInfo: false });
    const families = translation.families(sets, (found) => conflicts.push(found));
    assert.deepEqual(
      families.flatMap(({ series }) => series.map(({ point }) => point.kind === 'number' && point.value)),
      kept,
    );
    assert.deepEqual(conflicts, [conflict]);
  });
}

test('families() keeps the first of two descriptions, and says so', () => {
  const conflicts: Conflict[] = [];
  const sets = ['', 'one', 'two'].map((description, i) =>
    setOf([{ ...numbers('a', 'gauge', [[{ i: `${i}` }, i]]), description }]),
  );
  const [family] = new PrometheusTranslation(OPTIONS).families(sets, (found) => conflicts.push(found));
  assert.equal(family!.help, 'one');
  assert.equal(family!.series.length, 3);
  assert.deepEqual(conflicts, [{ kind: 'description', name: 'a', series: 0 }]);
});

function setOf(families: MetricFamily[], changes: Partial<MetricSet> = {}): MetricSet {
  const scope = { name: '', version: '' };
  return { resource: new Resource(), scope, naming: 'otlp', unixMs: 1000, families, ...changes };
}

function numbers(
  name: string,
  type: MetricType,
  points: readonly (readonly [labels: Record<string, string>, value: number])[],
): MetricFamily {
  return {
    name,
    type,
    unit: '',
    description: '',
    points: points.map(([labels, value]) => ({ kind: 'number', labels: LabelSet.of(Object.entries(labels)), value })),
  };
}

/** Each family with its series as text. */
function shown(families: readonly PrometheusFamily[]): Record<string, string[]> {
  return Object.fromEntries(
    families.map(({ type, name, series }) => [
      `${type} ${name}`,
      series.map(({ labels, point }) => {
        const pairs = [...labels].map(([label, value]) => `${label}="${value}"`).join(' ');
        return `${pairs} ${point.kind === 'number' ? point.value : point.kind}`;
      }),
    ]),
  );
}
