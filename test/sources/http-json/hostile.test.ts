import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { httpJsonSource } from '../../../src/sources/http-json/index.ts';
import { type Answer, endless, listen, scrapeWith } from '../../harness/scraping.ts';

const limit = { timeout: 60_000 };
const MEBIBYTE = 2 ** 20;
const METRICS = [
  { name: 'm', value: 'a' },
  { name: 'n', each: 'k, x in xs', value: 'x', labels: { k: 'k' } },
];

function text(body: string | Buffer): Answer {
  return (_, response) => void response.end(body);
}

const CASES: readonly { what: string; reason: string; answer: Answer; options?: object }[] = [
  { what: 'without an end', reason: 'too_large', answer: (_, response) => endless(response, '[1,'.repeat(4096)) },
  {
    what: 'that says to be large',
    reason: 'too_large',
    answer: (_, response) => void response.writeHead(200, { 'content-length': 2 ** 40 }).write('{'),
  },
  {
    what: 'that becomes large when it is decompressed',
    reason: 'too_large',
    answer: (_, response) => {
      response.setHeader('content-encoding', 'gzip');
      response.end(gzipSync(Buffer.alloc(64 * MEBIBYTE, ' ')));
    },
  },
  { what: 'that does not come', reason: 'timeout', answer: () => {}, options: { timeout: '300ms' } },
  {
    what: 'that never ends',
    reason: 'cut',
    answer: (_, response) => void response.write('{"a":1'),
    options: { timeout: '300ms' },
  },
  {
    what: 'that breaks off',
    reason: 'cut',
    answer: (_, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('{"a":1}', () => response.destroy());
    },
  },
  { what: 'with status 500', reason: 'http_500', answer: (_, response) => void response.writeHead(500).end('{"a":1}') },
  {
    what: 'that leads elsewhere',
    reason: 'redirect',
    answer: (_, response) => void response.writeHead(302, { location: 'http://169.254.169.254/latest' }).end(),
  },
  { what: 'that is empty', reason: 'parse', answer: text('') },
  { what: 'that is a web page', reason: 'parse', answer: text('<html><body>a</body></html>') },
  { what: 'of half a document', reason: 'parse', answer: text('{"a": 1, "xs"') },
  { what: 'of two documents', reason: 'parse', answer: text('{"a":1}{"a":2}') },
  { what: 'of bytes that are no text', reason: 'parse', answer: text(Buffer.alloc(1000, 0xff)) },
  { what: 'of NaN, which is no JSON', reason: 'parse', answer: text('{"a": NaN}') },
  { what: 'of lists that never end', reason: 'parse', answer: text('['.repeat(MEBIBYTE - 1)) },
];

for (const { what, reason, answer, options = {} } of CASES) {
  test(`an answer ${what} is a failed scrape`, limit, async (t) => {
    const target = await listen(t, answer);
    const { shown, about, metrics, log } = await scrapeWith(t, httpJsonSource, {
      targets: [target],
      metrics: METRICS,
      ...options,
    });
    assert.deepEqual([about('up'), shown()], [0, []]);
    assert.ok(metrics.sum('pillion_scrapes_total', { result: reason }) > 0);
    const [said] = log();
    assert.deepEqual([said?.['msg'], said?.['reason']], ['Target cannot be scraped.', reason]);
  });
}

for (const { what, body, expected } of [
  { what: 'behind a byte order mark', body: '\ufeff{"a":1}', expected: ['gauge m', '  {} 1'] },
  { what: 'whose names are those of prototypes', body: '{"__proto__":{"a":5},"toString":1}', expected: [] },
  { what: 'with a name twice, of which the last counts', body: '{"a":1,"a":2}', expected: ['gauge m', '  {} 2'] },
  { what: 'with a number beyond all', body: '{"a":1e999}', expected: [] },
  { what: 'that is a number', body: '3', expected: [] },
  { what: 'that is null', body: 'null', expected: [] },
  {
    what: 'of lists inside of each other, half a million deep',
    body: `{"a":7,"xs":${'['.repeat(500_000)}${']'.repeat(500_000)}}`,
    expected: ['gauge m', '  {} 7'],
  },
  {
    what: 'with labels of control characters',
    body: '{"xs":{"\\u0000\\n\\"":1}}',
    expected: ['gauge n', '  {k="\\u0000\\n\\""} 1'],
  },
]) {
  test(`a document ${what} is taken for what it is`, limit, async (t) => {
    const target = await listen(t, text(body));
    const { shown, about } = await scrapeWith(t, httpJsonSource, { targets: [target], metrics: METRICS });
    assert.deepEqual([about('up'), shown()], [1, expected]);
  });
}

test('a document of more elements than there may be series ends in the overflow series', limit, async (t) => {
  const xs = Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`x${i}`, 1]));
  const target = await listen(t, text(JSON.stringify({ a: 1, xs })));
  const { shown, metrics, log } = await scrapeWith(t, httpJsonSource, { targets: [target], metrics: METRICS });
  assert.equal(shown().length, 2 + 1 + 2000 + 1);
  assert.equal(shown().at(-1), '  {otel.metric.overflow="true"} 1');
  const dropped = metrics.sumBy('pillion_scrape_dropped_samples_total', 'reason');
  assert.equal(dropped['overflow']! % 18_000, 0);
  assert.ok(dropped['elements']! > 0);
  assert.deepEqual(
    log().map(({ metric }) => metric),
    ['n', 'n'],
  );
});

test('series that are others in each scrape take no more memory with each', limit, async (t) => {
  let scrapes = 0;
  const target = await listen(t, (_, response) => {
    scrapes++;
    const xs = Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`${scrapes}-${i}`, 1]));
    response.end(JSON.stringify({ xs }));
  });
  const { next } = await scrapeWith(t, httpJsonSource, { targets: [target], metrics: METRICS });
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
