import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nginxStatusSource } from '../../../src/sources/nginx-status/index.ts';
import { parseStubStatus } from '../../../src/sources/nginx-status/parse-stub-status.ts';
import { nginxProgram, startNginx } from '../../harness/nginx-server.ts';
import { listen, scrapeWith, showing, valuesOf } from '../../harness/scraping.ts';

test('the figures of a real nginx are those of its own page', {
  skip: nginxProgram.skip,
  timeout: 60_000,
}, async (t) => {
  const nginx = await startNginx(t, 'location = /nginx_status { stub_status; } location / { return 200 "ok"; }');
  for (let i = 0; i < 20; i++) await (await fetch(`http://${nginx}/`, { headers: { connection: 'close' } })).text();
  const scraping = await scrapeWith(t, nginxStatusSource, { targets: [nginx] });
  const { next, about, sets } = scraping;
  assert.equal(about('up'), 1);
  const values = () => valuesOf(sets());
  // Between two scrapes, which go on meanwhile: what only grows is between them, too.
  await next();
  const before = values();
  const page = await (await fetch(`http://${nginx}/nginx_status`, { headers: { connection: 'close' } })).text();
  await next();
  await next();
  const after = values();
  const [accepted, handled, requests] = /^ (\d+) (\d+) (\d+)/m.exec(page)!.slice(1).map(Number);
  for (const [name, own] of [
    ['nginx.requests', requests!],
    ['nginx.connections_accepted', accepted!],
    ['nginx.connections_handled', handled!],
  ] as const) {
    assert.ok(before[name]! <= own && own <= after[name]!, `${name}: ${before[name]}, ${own}, ${after[name]}`);
  }
  assert.ok(before['nginx.requests']! >= 20 + 1);
  // That of the source, which is kept, is the one that writes, once the others are gone.
  await scraping.until(
    'one connection is left',
    (values) =>
      values['nginx.connections_current active'] === 1 &&
      values['nginx.connections_current writing'] === 1 &&
      values['nginx.connections_current reading'] === 0 &&
      values['nginx.connections_current waiting'] === 0,
  );
});

test('the source names requests and connections as the Collector does', { timeout: 30_000 }, async (t) => {
  const page =
    'Active connections: 291 \nserver accepts handled requests\n 16630948 16630946 31070465 \nReading: 6 Writing: 179 Waiting: 106 \n';
  const target = await listen(t, showing(page));
  const { shown } = await scrapeWith(t, nginxStatusSource, { targets: [`http://${target}/nginx_status`] });
  assert.deepEqual(
    shown().map((line) => line.replace(/ ".*"$/, '')),
    [
      'counter nginx.requests [{request}]',
      '  {} 31070465',
      'counter nginx.connections_accepted [{connection}]',
      '  {} 16630948',
      'counter nginx.connections_handled [{connection}]',
      '  {} 16630946',
      'up_down_counter nginx.connections_current [{connection}]',
      '  {state="active"} 291',
      '  {state="reading"} 6',
      '  {state="writing"} 179',
      '  {state="waiting"} 106',
    ],
  );
});

for (const { what, page } of [
  { what: 'a web page', page: '<html>' },
  { what: 'nothing', page: '' },
  {
    what: 'a page that is cut off',
    page: 'Active connections: 1 \nserver accepts handled requests\n 1 1 1 \nReading: 0',
  },
  { what: 'a page with words for numbers', page: 'Active connections: many \n' },
  { what: 'a long page of blanks', page: `Active connections: 1${' '.repeat(1_000_000)}x` },
]) {
  test(`parseStubStatus() refuses ${what}`, () => {
    assert.throws(() => parseStubStatus(Buffer.from(page)), { reason: 'parse' });
  });
}
