import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brokenAnswers, testBrokenAnswers, testMemoryOfSeries } from '../../harness/broken-answers.ts';
import { endless } from '../../harness/scraping.ts';
import { listen, scrape, showing } from './targets.ts';

const OPENMETRICS = 'application/openmetrics-text; version=1.0.0';

testBrokenAnswers(
  [
    ...brokenAnswers('a 1\n'),
    {
      what: 'of one line without an end',
      reason: 'too_large',
      answer: (_, response) => endless(response, 'x'.repeat(65_536)),
    },
    { what: 'that is a web page', reason: 'content_type', answer: showing('<html>', 'text/html') },
    { what: 'with one bad line', reason: 'parse', answer: showing('a 1\nb\nc 3\n') },
    { what: 'of OpenMetrics without its end', reason: 'parse', answer: showing('a 1\n', OPENMETRICS) },
    { what: 'with repeated series in OpenMetrics', reason: 'parse', answer: showing('a 1\na 2\n# EOF\n', OPENMETRICS) },
    {
      what: 'of protobuf that is none',
      reason: 'parse',
      answer: (_, response) => {
        response.setHeader('content-type', 'application/vnd.google.protobuf; encoding=delimited');
        response.end(Buffer.alloc(1000, 0xff));
      },
    },
    {
      what: 'that leads on and on',
      reason: 'redirect',
      answer: (_, response) => void response.writeHead(302, { location: '/metrics' }).end(),
    },
    {
      what: 'that leads on slowly',
      reason: 'timeout',
      answer: (_, response) =>
        void setTimeout(() => response.writeHead(302, { location: '/metrics' }).end(), 150).unref(),
      options: { timeout: '500ms' },
    },
    {
      what: 'of more samples than are allowed',
      reason: 'sample_limit',
      answer: showing('a{x="1"} 1\na{x="2"} 1\na{x="3"} 1\n'),
      options: { sample_limit: 2 },
    },
  ],
  (t, options) => scrape(t, { max_body_size: '1MiB', ...options }),
);

test('a target that nobody listens at is down', { timeout: 60_000 }, async (t) => {
  const { about, metrics } = await scrape(t, { targets: ['127.0.0.1:1'] });
  assert.equal(about('up'), 0);
  assert.ok(metrics.sum('pillion_scrapes_total', { result: 'refused' }) > 0);
});

test('a target that does not answer holds up no other for longer than the time-out', { timeout: 60_000 }, async (t) => {
  const silent = await listen(t, () => {});
  const other = await listen(t, showing('a 1\n'));
  const { shown, sets } = await scrape(t, { targets: [silent, other], timeout: '300ms' });
  assert.deepEqual(shown(), ['unknown a', '  {} 1']);
  assert.equal(sets().length, 2);
});

test('NaN, infinities, repeats and histograms without a count are taken for what they are', {
  timeout: 60_000,
}, async (t) => {
  const text =
    '# TYPE c counter\nc NaN\nd +Inf\nd -Inf\n# TYPE h histogram\nh_bucket{le="1"} NaN\nh_count 1\ne{x="1"} 1\n';
  const target = await listen(t, showing(text));
  const { shown, about, metrics } = await scrape(t, { targets: [target] });
  assert.deepEqual(shown(), ['counter c', '  {} NaN', 'unknown d', '  {} Infinity', 'unknown e', '  {x="1"} 1']);
  assert.equal(about('up'), 1);
  const dropped = metrics.sumBy('pillion_scrape_dropped_samples_total', 'reason');
  assert.ok(dropped['duplicate']! > 0 && dropped['incomplete']! > 0);
});

testMemoryOfSeries((scrape) => Array.from({ length: 2000 }, (_, i) => `a{id="${scrape}-${i}"} 1\n`).join(''), scrape);
