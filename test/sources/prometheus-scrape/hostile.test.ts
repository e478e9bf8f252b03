import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { endless } from '../../harness/scraping.ts';
import { type Answer, listen, scrape, showing } from './targets.ts';

const MEBIBYTE = 2 ** 20;
const OPENMETRICS = 'application/openmetrics-text; version=1.0.0';

const CASES: readonly { what: string; reason: string; answer: Answer; options?: object }[] = [
  { what: 'without an end', reason: 'too_large', answer: (_, response) => endless(response, 'a 1\n'.repeat(4096)) },
  {
    what: 'of one line without an end',
    reason: 'too_large',
    answer: (_, response) => endless(response, 'x'.repeat(65_536)),
  },
  {
    what: 'that says to be large',
    reason: 'too_large',
    answer: (_, response) => void response.writeHead(200, { 'content-length': 2 ** 40 }).write('a 1\n'),
  },
  {
    what: 'that becomes large when it is decompressed',
    reason: 'too_large',
    answer: (_, response) => {
      response.setHeader('content-encoding', 'gzip');
      response.end(gzipSync(Buffer.alloc(64 * MEBIBYTE, 'a 1\n')));
    },
  },
  {
    what: 'that cannot be decompressed',
    reason: 'cut',
    answer: (_, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end('a 1\n'),
  },
  { what: 'that does not come', reason: 'timeout', answer: () => {}, options: { timeout: '300ms' } },
  {
    what: 'that never ends',
    reason: 'cut',
    answer: (_, response) => void response.write('a 1\n'),
    options: { timeout: '300ms' },
  },
  {
    what: 'that breaks off',
    reason: 'cut',
    answer: (_, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('a 1\n', () => response.destroy());
    },
  },
  { what: 'with status 500', reason: 'http_500', answer: (_, response) => void response.writeHead(500).end('a 1\n') },
  { what: 'that is a web page', reason: 'content_type', answer: showing('<html>', 'text/html') },
  { what: 'with one bad line', reason: 'parse', answer: showing('a 1\nb\nc 3\n') },
  { what: 'of OpenMetrics without its end', reason: 'parse', answer: showing('a 1\n', OPENMETRICS) },
  { what: 'with repeated series in OpenMetrics', reason: 'parse', answer: showing('a 1\na 2\n# EOF\n', OPENMETRICS) },
  {
    what: 'of bytes that are no text',
    reason: 'parse',
    answer: (_, response) => void response.end(Buffer.alloc(1000, 0xff)),
  },
  {
    what: 'of protobuf that is none',
    reason: 'parse',
    answer: (_, response) => {
      response.setHeader('content-type', 'application/vnd.google.protobuf; encoding=delimited');
      response.end(Buffer.alloc(1000, 0xff));
    },
  },
  {
    what: 'that leads elsewhere',
    reason: 'redirect',
    answer: (_, response) => void response.writeHead(302, { location: 'http://169.254.169.254/latest' }).end(),
  },
  {
    what: 'that leads on and on',
    reason: 'redirect',
    answer: (_, response) => void response.writeHead(302, { location: '/metrics' }).end(),
  },
  {
    what: 'of more samples than are allowed',
    reason: 'sample_limit',
    answer: showing('a{x="1"} 1\na{x="2"} 1\na{x="3"} 1\n'),
    options: { sample_limit: 2 },
  },
];

for (const { what, reason, answer, options = {} } of CASES) {
  test(`an answer ${what} is a failed scrape`, { timeout: 60_000 }, async (t) => {
    const target = await listen(t, answer);
    const { shown, about, metrics, log } = await scrape(t, { targets: [target], max_body_size: '1MiB', ...options });
    assert.deepEqual([about('up'), shown()], [0, []]);
    assert.ok(metrics.sum('pillion_scrapes_total', { result: reason }) > 0);
    const [said] = log();
    assert.deepEqual([said?.['msg'], said?.['reason']], ['Target cannot be scraped.', reason]);
  });
}

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

test('series that are others in each scrape take no more memory with each', { timeout: 60_000 }, async (t) => {
  let scrapes = 0;
  const target = await listen(
    t,
    showing(() => {
      scrapes++;
      return Array.from({ length: 2000 }, (_, i) => `a{id="${scrapes}-${i}"} 1\n`).join('');
    }),
  );
  const { next } = await scrape(t, { targets: [target] });
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const heapAfter = async (rounds: number): Promise<number> => {
    for (let round = 0; round < rounds; round++) await next();
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const before = await heapAfter(10);
  const after = await heapAfter(40);
  // Kept, 80,000 series would take over 16 MB.
  assert.ok(after - before < 12 * MEBIBYTE, `${after - before} bytes more`);
});
