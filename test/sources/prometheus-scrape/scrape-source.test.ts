import assert from 'node:assert/strict';
import type { IncomingHttpHeaders } from 'node:http';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { ExpositionFormat } from '../../../src/codec/prometheus/exposition-format.ts';
import { contentTypeOf, negotiateFormat } from '../../../src/codec/prometheus/exposition-format.ts';
import { ExpositionWriter } from '../../../src/codec/prometheus/write/exposition-writer.ts';
import { checkOptions } from '../../../src/component/check-options.ts';
import { LabelSet } from '../../../src/core/label-set.ts';
import { prometheusScrapeSource } from '../../../src/sources/prometheus-scrape/index.ts';
import { listen, scrape, showing } from './targets.ts';

const limit = { timeout: 30_000 };

test('the source shows what a target shows, and how the scrape went', limit, async (t) => {
  const target = await listen(t, showing('# TYPE jobs gauge\njobs{queue="a"} 3\nother 1\n'));
  const { shown, about, sets, metrics } = await scrape(t, { targets: [target], labels: { team: 'x' } });
  assert.deepEqual(shown(), ['gauge jobs', '  {queue="a",team="x"} 3', 'unknown other', '  {team="x"} 1']);
  assert.deepEqual([about('up'), about('scrape_samples_scraped')], [1, 2]);
  assert.ok(about('scrape_duration_seconds') > 0);
  const [set] = sets();
  assert.equal(set!.naming, 'prometheus');
  assert.ok(Math.abs(set!.unixMs - Date.now()) < 60_000);
  assert.equal(metrics.sum('pillion_scrapes_total', { source: 'app', result: 'ok' }) >= 1, true);
});

test('the source says whose the metrics are', limit, async (t) => {
  const text = '# TYPE target info\ntarget_info{version="1.2"} 1\n# TYPE a gauge\na 1\n# EOF\n';
  const target = await listen(t, showing(text, 'application/openmetrics-text; version=1.0.0'));
  const attributes: [string, string][] = [
    ['service.name', 'pillion-itself'],
    ['service.namespace', 'shop'],
    ['k8s.pod.name', 'shop-0'],
  ];
  const { sets, shown } = await scrape(t, { targets: [target], job: 'shop' }, { attributes });
  assert.deepEqual(Object.fromEntries(sets()[0]!.resource.attributes), {
    'k8s.pod.name': 'shop-0',
    version: '1.2',
    'service.name': 'shop',
    'service.instance.id': target.replace('127.0.0.1', 'shop-0'),
    'server.address': '127.0.0.1',
    'server.port': Number(target.split(':')[1]),
    'url.scheme': 'http',
  });
  assert.deepEqual(shown(), ['gauge a', '  {} 1']);
});

test(
  'the source gives each series the same labels and each target the same resource, scrape after scrape',
  limit,
  async (t) => {
    let value = 0;
    const target = await listen(
      t,
      showing(() => `a{x="1"} ${value++}\n`),
    );
    const { sets, next } = await scrape(t, { targets: [target] });
    const labelsOf = () => sets()[0]!.families[0]!.points[0]!.labels;
    const before = { labels: labelsOf(), resource: sets()[0]!.resource };
    await next();
    assert.deepEqual([labelsOf() === before.labels, sets()[0]!.resource === before.resource], [true, true]);
  },
);

test('the source shows no series that is gone, and nothing but up 0 of a target that is', limit, async (t) => {
  const texts = ['a 1\nb 1\n', 'b 2\n', undefined, 'b 3\n'];
  let at = 0;
  const target = await listen(t, (request, response) => {
    const text = texts[at];
    if (text === undefined) request.socket.destroy();
    else showing(text)(request, response);
  });
  const { shown, about, next, log } = await scrape(t, { targets: [target] });
  const seen: unknown[] = [];
  for (at = 0; at < texts.length; at++) {
    await next();
    await next();
    seen.push([shown().length / 2, about('up'), about('scrape_samples_scraped')]);
  }
  assert.deepEqual(seen, [
    [2, 1, 2],
    [1, 1, 1],
    [0, 0, 0],
    [1, 1, 1],
  ]);
  const said = log().map(({ msg, reason }) => [msg, reason]);
  assert.deepEqual(said, [
    ['Target cannot be scraped.', 'reset'],
    ['Target can be scraped again.', undefined],
  ]);
});

for (const { honor, expected } of [
  {
    honor: false,
    expected: ['unknown a', '  {exported_instance="theirs",exported_job="other",exported_team="y",team="x"} 1'],
  },
  { honor: true, expected: ['unknown a', '  {instance="theirs",job="other",team="y"} 1'] },
]) {
  test(`the source ${honor ? 'keeps' : 'renames'} labels of the target that it has itself`, limit, async (t) => {
    const target = await listen(t, showing('a{job="other",instance="theirs",team="y"} 1\n'));
    const { shown } = await scrape(t, { targets: [target], labels: { team: 'x' }, honor_labels: honor });
    assert.deepEqual(shown(), expected);
  });
}

test(
  'a target whose OpenMetrics breaks the rules is asked for text, in the same scrape and from then on',
  limit,
  async (t) => {
    // As client_golang writes a gauge and a counter whose names differ by `_total` alone.
    const openMetrics = '# TYPE alloc gauge\nalloc 1\n# TYPE alloc counter\nalloc_total 2\n# EOF\n';
    const text = '# TYPE alloc gauge\nalloc 1\n# TYPE alloc_total counter\nalloc_total 2\n';
    const asked: ExpositionFormat['kind'][] = [];
    const target = await listen(t, (request, response) => {
      const format = negotiateFormat(request.headers.accept);
      asked.push(format.kind);
      showing(format.kind === 'text' ? text : openMetrics, contentTypeOf(format))(request, response);
    });
    const { shown, about, next, log } = await scrape(t, { targets: [target] });
    assert.deepEqual([shown(), about('up')], [['gauge alloc', '  {} 1', 'counter alloc_total', '  {} 2'], 1]);
    await next();
    assert.deepEqual(asked.slice(0, 3), ['openmetrics', 'text', 'text']);
    assert.deepEqual(
      log().map(({ msg, error }) => [msg, error]),
      [
        [
          'OpenMetrics of the target breaks its rules: it is asked for text from now on.',
          'Line 3: TYPE of a metric comes twice, or behind its samples',
        ],
      ],
    );
  },
);

test('a label that says the name of a metric is left out, since the metric has one', limit, async (t) => {
  const target = await listen(t, showing('a{__name__="b",x="1"} 1\n'));
  const { shown } = await scrape(t, { targets: [target] });
  assert.deepEqual(shown(), ['unknown a', '  {x="1"} 1']);
});

test('the source relabels samples, and rules see job and instance', limit, async (t) => {
  const text =
    '# TYPE h histogram\nh_bucket{le="1"} 1\nh_bucket{le="2"} 3\nh_bucket{le="+Inf"} 4\nh_count 4\nh_sum 9\ngo_x 1\n';
  const target = await listen(t, showing(text));
  const { shown } = await scrape(t, {
    targets: [target],
    job: 'shop',
    relabel: [
      { action: 'drop', source_labels: ['__name__'], regex: 'go_.*' },
      { action: 'drop', source_labels: ['__name__', 'le'], regex: 'h_bucket;1(\\.0)?' },
      { source_labels: ['job', 'instance'], target_label: 'from', regex: '(.*);(.*):\\d+', replacement: '$1@$2' },
    ],
  });
  assert.deepEqual(shown(), ['histogram h', '  {from="shop@127.0.0.1"} 3|1 under 2 sum 9']);
});

for (const honor of [true, false]) {
  test(`the source ${honor ? 'keeps' : 'leaves out'} times of samples`, limit, async (t) => {
    const target = await listen(t, showing('a 1 1234567890123\n'));
    const { shown } = await scrape(t, { targets: [target], honor_timestamps: honor });
    assert.deepEqual(shown(), ['unknown a', `  {} 1${honor ? ' at 1234567890123' : ''}`]);
  });
}

const KINDS: readonly { options: object; kind: ExpositionFormat['kind'] }[] = [
  { options: {}, kind: 'openmetrics' },
  { options: { openmetrics: false }, kind: 'text' },
  { options: { native_histograms: true }, kind: 'protobuf' },
];

for (const { options, kind } of KINDS) {
  test(`the source asks for ${kind} with ${JSON.stringify(options)}, compressed`, limit, async (t) => {
    const asked: IncomingHttpHeaders[] = [];
    const writer = new ExpositionWriter({ timestamps: false, createdLines: false });
    const labels = LabelSet.of([['a.b', 'ü']]);
    const target = await listen(t, (request, response) => {
      asked.push(request.headers);
      const format = negotiateFormat(request.headers.accept);
      const point = { kind: 'number' as const, labels, value: 7 };
      const family = {
        name: 'my.jobs',
        type: 'gauge' as const,
        unit: '',
        help: '',
        series: [{ labels, point, unixMs: 0 }],
      };
      response.setHeader('content-type', contentTypeOf(format));
      response.setHeader('content-encoding', 'gzip');
      response.end(gzipSync(writer.write([family], format)));
    });
    const { shown } = await scrape(t, { targets: [target], timeout: '9s', ...options });
    const [headers] = asked;
    assert.equal(negotiateFormat(headers?.accept).kind, kind);
    assert.equal(headers?.['x-prometheus-scrape-timeout-seconds'], '9');
    assert.equal(headers?.['user-agent'], 'pillion/0');
    if (kind !== 'protobuf') assert.deepEqual(shown(), ['gauge my.jobs', '  {a.b="ü"} 7']);
  });
}

test('the source asks all targets, and takes a short form of their addresses', limit, async (t) => {
  const paths: string[] = [];
  const answer = (name: string) =>
    listen(t, (request, response) => {
      paths.push(`${name} ${request.url}`);
      showing(`${name} 1\n`)(request, response);
    });
  const [a, b] = [await answer('a'), await answer('b')];
  const { shown, sets } = await scrape(t, { targets: [a, `http://${b}/probe?module=x`] });
  assert.deepEqual(shown(), ['unknown a', '  {} 1', 'unknown b', '  {} 1']);
  assert.deepEqual([...new Set(paths)].sort(), ['a /metrics', 'b /probe?module=x']);
  assert.deepEqual(
    sets().map(({ resource }) => resource.attributes.get('service.instance.id')),
    [a, b],
  );
});

test('the source follows a redirect of the host that it asks', limit, async (t) => {
  const target = await listen(t, (request, response) => {
    if (request.url === '/metrics') response.writeHead(307, { location: '/real' }).end();
    else showing('a 1\n')(request, response);
  });
  const { shown } = await scrape(t, { targets: [target] });
  assert.deepEqual(shown(), ['unknown a', '  {} 1']);
});

test('what no target is is refused', () => {
  const targets = ['ftp://a/', 'http://user:pw@a/', 'a b', 'localhost:1', 'http://localhost:1/metrics'];
  const checked = checkOptions(prometheusScrapeSource.options, { targets, timeout: '20s' }, []);
  assert.ok(checked.ok);
  const errors = prometheusScrapeSource.check!(checked.options);
  assert.deepEqual(
    errors.map(({ path }) => path.join('.')),
    ['targets.0', 'targets.1', 'targets.2', 'targets.4', 'timeout'],
  );
});
