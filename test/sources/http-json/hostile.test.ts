import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { httpJsonSource } from '../../../src/sources/http-json/index.ts';
import { brokenAnswers, testBrokenAnswers, testMemoryOfSeries } from '../../harness/broken-answers.ts';
import { type Answer, listen, type Scraping, scrapeWith } from '../../harness/scraping.ts';

const limit = { timeout: 60_000 };
const MEBIBYTE = 2 ** 20;
const METRICS = [
  { name: 'm', value: 'a' },
  { name: 'n', each: 'k, x in xs', value: 'x', labels: { k: 'k' } },
];

function text(body: string | Buffer): Answer {
  return (_, response) => void response.end(body);
}

const scrape = (t: TestContext, options: Readonly<Record<string, unknown>>): Promise<Scraping> =>
  scrapeWith(t, httpJsonSource, { metrics: METRICS, ...options });

testBrokenAnswers(
  [
    ...brokenAnswers('[1,'),
    { what: 'that is empty', reason: 'parse', answer: text('') },
    { what: 'that is a web page', reason: 'parse', answer: text('<html><body>a</body></html>') },
    { what: 'of half a document', reason: 'parse', answer: text('{"a": 1, "xs"') },
    { what: 'of two documents', reason: 'parse', answer: text('{"a":1}{"a":2}') },
    { what: 'of NaN, which is no JSON', reason: 'parse', answer: text('{"a": NaN}') },
    { what: 'of lists that never end', reason: 'parse', answer: text('['.repeat(MEBIBYTE - 1)) },
  ],
  scrape,
);

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
    const { shown, about } = await scrape(t, { targets: [target] });
    assert.deepEqual([about('up'), shown()], [1, expected]);
  });
}

test('a document of more elements than there may be series ends in the overflow series', limit, async (t) => {
  const xs = Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`x${i}`, 1]));
  const target = await listen(t, text(JSON.stringify({ a: 1, xs })));
  const { shown, metrics, log } = await scrape(t, { targets: [target] });
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

testMemoryOfSeries((scrape) => {
  return JSON.stringify({ xs: Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`${scrape}-${i}`, 1])) });
}, scrape);
