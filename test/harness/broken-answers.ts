import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { type Answer, endless, listen, type Scraping } from './scraping.ts';

const MEBIBYTE = 2 ** 20;
const limit = { timeout: 60_000 };

/** An answer that no source can make anything of. */
export interface BrokenAnswer {
  readonly what: string;
  /** Why the scrape has failed, in the words of the metric about it. */
  readonly reason: string;
  readonly answer: Answer;
  /** Of the source. */
  readonly options?: object;
}

/** What can go wrong with an answer whatever is in it. `piece`: what a good one could begin with. */
export function brokenAnswers(piece: string): readonly BrokenAnswer[] {
  return [
    { what: 'without an end', reason: 'too_large', answer: (_, response) => endless(response, piece.repeat(4096)) },
    {
      what: 'that says to be large',
      reason: 'too_large',
      answer: (_, response) => void response.writeHead(200, { 'content-length': 2 ** 40 }).write(piece),
    },
    {
      what: 'that becomes large when it is decompressed',
      reason: 'too_large',
      answer: (_, response) => {
        response.setHeader('content-encoding', 'gzip');
        response.end(gzipSync(Buffer.alloc(64 * MEBIBYTE, piece)));
      },
    },
    {
      what: 'that cannot be decompressed',
      reason: 'cut',
      answer: (_, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(piece),
    },
    { what: 'that does not come', reason: 'timeout', answer: () => {}, options: { timeout: '300ms' } },
    {
      what: 'that never ends',
      reason: 'cut',
      answer: (_, response) => void response.write(piece),
      options: { timeout: '300ms' },
    },
    {
      what: 'that breaks off',
      reason: 'cut',
      answer: (_, response) => {
        response.writeHead(200, { 'content-length': 100 }).write(piece, () => response.destroy());
      },
    },
    { what: 'with status 500', reason: 'http_500', answer: (_, response) => void response.writeHead(500).end(piece) },
    {
      what: 'that leads elsewhere',
      reason: 'redirect',
      answer: (_, response) => void response.writeHead(302, { location: 'http://169.254.169.254/latest' }).end(),
    },
    {
      what: 'of bytes that are no text',
      reason: 'parse',
      answer: (_, response) => void response.end(Buffer.alloc(1000, 0xff)),
    },
  ];
}

/** Tests that each of these is counted and said, and that nothing is shown of it. */
export function testBrokenAnswers(
  answers: readonly BrokenAnswer[],
  scrape: (t: TestContext, options: Readonly<Record<string, unknown>>) => Promise<Scraping>,
): void {
  for (const { what, reason, answer, options = {} } of answers) {
    test(`an answer ${what} is a failed scrape`, limit, async (t) => {
      const target = await listen(t, answer);
      const { shown, about, metrics, log } = await scrape(t, { targets: [target], ...options });
      assert.deepEqual([about('up'), shown()], [0, []]);
      assert.ok(metrics.sum('pillion_scrapes_total', { result: reason }) > 0);
      const [said] = log();
      assert.deepEqual([said?.['msg'], said?.['reason']], ['Target cannot be scraped.', reason]);
    });
  }
}

/** Tests that what a source keeps of series goes with them. `answer`: of 2,000 series that no other number has. */
export function testMemoryOfSeries(
  answer: (scrape: number) => string,
  scrape: (t: TestContext, options: Readonly<Record<string, unknown>>) => Promise<Scraping>,
): void {
  test('series that are others in each scrape take no more memory with each', limit, async (t) => {
    let scrapes = 0;
    const target = await listen(t, (_, response) => void response.end(answer(++scrapes)));
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
}
