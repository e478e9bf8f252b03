import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkOptions } from '../../../src/component/check-options.ts';
import type { ConfigError } from '../../../src/core/errors.ts';
import { httpJsonSource } from '../../../src/sources/http-json/index.ts';
import { type Answer, listen, scrapeWith } from '../../harness/scraping.ts';

const limit = { timeout: 30_000 };
const GAUGE = { name: 'shop.queue', value: 'queue' };

/** An application that shows what `document` gives. */
function json(document: () => unknown): Answer {
  return (_, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(document()));
  };
}

test('the source shows what the document says, and how the scrape went', limit, async (t) => {
  const target = await listen(
    t,
    json(() => ({ orders: { total: '12' }, took_ms: 250, pools: { a: { size: 3 } } })),
  );
  const { shown, about, sets, metrics, log } = await scrapeWith(t, httpJsonSource, {
    targets: [target],
    labels: { team: 'x' },
    metrics: [
      { name: 'shop.orders', type: 'counter', unit: '{order}', description: 'Orders taken.', value: 'orders.total' },
      { name: 'shop.duration', unit: 's', value: 'took_ms', scale: 0.001 },
      { name: 'shop.pool.size', each: 'name, pool in pools', value: 'pool.size', labels: { pool: 'name' } },
      { name: 'shop.gone', value: 'gone' },
    ],
  });
  assert.deepEqual(shown(), [
    'counter shop.orders [{order}] "Orders taken."',
    '  {team="x"} 12',
    'gauge shop.duration [s]',
    '  {team="x"} 0.25',
    'gauge shop.pool.size',
    '  {pool="a",team="x"} 3',
  ]);
  assert.deepEqual([about('up'), about('scrape_samples_scraped')], [1, 3]);
  assert.ok(about('scrape_duration_seconds') > 0);
  const [set] = sets();
  assert.equal(set!.naming, 'otlp');
  assert.ok(Math.abs(set!.unixMs - Date.now()) < 60_000);
  assert.ok(metrics.sum('pillion_scrapes_total', { source: 'app', result: 'ok' }) > 0);
  assert.ok(metrics.sum('pillion_scrape_dropped_samples_total', { source: 'app', reason: 'missing' }) > 0);
  assert.deepEqual(
    log().map(({ msg, metric, path }) => [msg, metric, path]),
    [['The target does not show a metric: there is nothing at its path.', 'shop.gone', 'gone']],
  );
});

test('the source says once what is wrong, however often it is', limit, async (t) => {
  const target = await listen(
    t,
    json(() => ({ queue: 'long' })),
  );
  const { next, log, metrics } = await scrapeWith(t, httpJsonSource, { targets: [target], metrics: [GAUGE] });
  await next();
  await next();
  assert.ok(metrics.sum('pillion_scrape_dropped_samples_total', { reason: 'not_number' }) >= 3);
  assert.equal(log().length, 1);
});

test('the source says whose the metrics are', limit, async (t) => {
  const target = await listen(
    t,
    json(() => ({ queue: 1 })),
  );
  const attributes: [string, string][] = [
    ['service.name', 'shop'],
    ['k8s.pod.name', 'shop-0'],
  ];
  const { sets } = await scrapeWith(t, httpJsonSource, { targets: [target], metrics: [GAUGE] }, { attributes });
  assert.deepEqual(Object.fromEntries(sets()[0]!.resource.attributes), {
    'k8s.pod.name': 'shop-0',
    'service.name': 'shop',
    'service.instance.id': target.replace('127.0.0.1', 'shop-0'),
    'server.address': '127.0.0.1',
    'server.port': Number(target.split(':')[1]),
    'url.scheme': 'http',
  });
});

test(
  'the source shows nothing but up 0 of an application that is away, and goes on when it is back',
  limit,
  async (t) => {
    let isAway = false;
    const target = await listen(t, (request, response) => {
      if (isAway) request.socket.destroy();
      else json(() => ({ queue: 4 }))(request, response);
    });
    const { shown, about, next, log } = await scrapeWith(t, httpJsonSource, { targets: [target], metrics: [GAUGE] });
    const seen = [];
    for (isAway of [false, true, false]) {
      await next();
      await next();
      seen.push([about('up'), ...shown()]);
    }
    assert.deepEqual(seen, [[1, 'gauge shop.queue', '  {} 4'], [0], [1, 'gauge shop.queue', '  {} 4']]);
    assert.deepEqual(
      log().map(({ msg, reason }) => [msg, reason]),
      [
        ['Target cannot be scraped.', 'reset'],
        ['Target can be scraped again.', undefined],
      ],
    );
  },
);

test('a counter begins when the application says it did, and anew after a restart', limit, async (t) => {
  let uptime = 1000;
  const target = await listen(
    t,
    json(() => ({ uptime, hits: 5 })),
  );
  const { sets, next } = await scrapeWith(t, httpJsonSource, {
    targets: [target],
    start: { uptime: 'uptime' },
    metrics: [{ name: 'hits', type: 'counter', value: 'hits' }],
  });
  const ageMs = (): number => Date.now() - sets()[0]!.families[0]!.points[0]!.startUnixMs!;
  assert.ok(Math.abs(ageMs() - 1_000_000) < 30_000, `${ageMs()} ms`);
  uptime = 3;
  await next();
  await next();
  assert.ok(ageMs() < 60_000, `${ageMs()} ms`);
});

for (const { what, options, path, message, hint } of [
  {
    what: 'a path that is none',
    options: { metrics: [{ name: 'm', value: 'heap-used' }] },
    path: 'metrics.0.value',
    message: 'Cannot read "heap-used" as a path: "-" is not expected there',
    hint: 'Write it as in memory.used, pools[0].size or ["odd name"].size, and a text in quotes of its own: \'"web"\'',
  },
  {
    what: 'a loop that is none',
    options: { metrics: [{ name: 'm', value: 'x', each: ['x in xs', 'for y in x'] }] },
    path: 'metrics.0.each.1',
    message: 'Cannot go through "for y in x": it does not say what is in what',
    hint: 'Write it as in "pool in pools", or "name, pool in pools"',
  },
  {
    what: 'a loop over a path that is none',
    options: { metrics: [{ name: 'm', value: 'x', each: ['x in a-b'] }] },
    path: 'metrics.0.each.0',
    message: 'Cannot go through "x in a-b": "-" is not expected there',
  },
  {
    what: 'a loop that names two things alike',
    options: { metrics: [{ name: 'm', value: 'x', each: ['x, x in xs'] }] },
    path: 'metrics.0.each.0',
    message: 'Cannot go through "x, x in xs": key and element have the same name',
  },
  {
    what: 'a label whose path is none',
    options: { metrics: [{ name: 'm', value: 'x', labels: { a: 'b c' } }] },
    path: 'metrics.0.labels.a',
    message: 'Cannot read "b c" as a path: " " is not expected there',
  },
  {
    what: 'the name of no label',
    options: { metrics: [{ name: 'm', value: 'x', labels: { le: 'b' } }] },
    path: 'metrics.0.labels.le',
    message: 'Cannot use "le" as the name of a label',
  },
  {
    what: 'the name of no metric',
    options: { metrics: [{ name: '1 m', value: 'x' }] },
    path: 'metrics.0.name',
    message: 'Cannot use "1 m" as the name of a metric',
  },
  {
    what: 'a metric without a value',
    options: { metrics: [{ name: 'm' }] },
    path: 'metrics.0',
    message: 'Cannot read the metric "m": it has no "value"',
  },
  {
    what: 'a histogram without its parts',
    options: { metrics: [{ name: 'm', type: 'histogram', value: 'x' }] },
    path: 'metrics.0',
    message: 'Cannot read the histogram "m": it takes "buckets", or "count" and "sum", and no "value" or "states"',
  },
  {
    what: 'the parts of a histogram of a gauge',
    options: { metrics: [{ name: 'm', value: 'x', sum: 'y' }] },
    path: 'metrics.0.sum',
    message: 'Cannot use "sum" of the gauge "m": only histograms have it',
  },
  {
    what: 'states of a counter',
    options: { metrics: [{ name: 'm', type: 'counter', value: 'x', states: { UP: 'ok' } }] },
    path: 'metrics.0.states',
    message: 'Cannot use "states" of the counter "m": states come and go',
  },
  {
    what: 'a label that holds the state, too',
    options: { metrics: [{ name: 'm', value: 'x', states: { UP: 'ok' }, labels: { state: 'y' } }] },
    path: 'metrics.0.labels.state',
    message: 'Cannot use the label "state" twice: it holds the state',
  },
  {
    what: 'one name for two kinds',
    options: { metrics: [GAUGE, { ...GAUGE, type: 'counter' }] },
    path: 'metrics.1.type',
    message: 'Cannot read the metric "shop.queue" in two ways: the "type" of one differs from that of the other',
  },
  {
    what: 'two starts',
    options: { metrics: [GAUGE], start: { uptime: 'a', time: 'b' } },
    path: 'start',
    message: 'Cannot find a start: it takes one of "uptime" and "time"',
  },
  {
    what: 'a start whose path is none',
    options: { metrics: [GAUGE], start: { uptime: '"a"b' } },
    path: 'start.uptime',
    message: 'Cannot read "\\"a\\"b" as a path: "\\"" is not expected there',
  },
  {
    what: 'a target that is none',
    options: { metrics: [GAUGE], targets: ['ftp://a/'] },
    path: 'targets.0',
    message: 'Cannot scrape "ftp://a/": it is neither a URL with http or https, nor host:port',
    hint: 'Write it as in http://localhost:8080/status.json or localhost:8080, without a user and password',
  },
  {
    what: 'a time-out beyond the interval',
    options: { metrics: [GAUGE], timeout: '20s' },
    path: 'timeout',
    message: 'Cannot wait longer for an answer than for the next scrape',
  },
]) {
  test(`${what} is refused`, () => {
    const checked = checkOptions(httpJsonSource.options, { targets: ['localhost:1'], ...options }, []);
    assert.ok(checked.ok);
    const errors: ConfigError[] = httpJsonSource.check!(checked.options);
    assert.deepEqual(
      errors.map((error) => [error.path.join('.'), error.message]),
      [[path, message]],
    );
    assert.ok(hint === undefined || errors[0]!.hint === hint, errors[0]!.hint);
  });
}
