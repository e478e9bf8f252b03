import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { phpFpmStatusSource } from '../../../src/sources/php-fpm-status/index.ts';
import { parseStatus } from '../../../src/sources/php-fpm-status/parse-status.ts';
import { temporaryFolder } from '../../harness/files.ts';
import { freePort } from '../../harness/free-port.ts';
import { nginxProgram, startNginx } from '../../harness/nginx-server.ts';
import { listen, scrapeWith, showing, valuesOf } from '../../harness/scraping.ts';
import { findProgram, startServer } from '../../harness/server-process.ts';

const program = findProgram('php-fpm*', 'php-fpm');
const real = { skip: program.skip || nginxProgram.skip, timeout: 60_000 };

test('the figures of a real PHP-FPM behind nginx are those of its own page', real, async (t) => {
  const folder = temporaryFolder(t);
  const script = join(folder, 'index.php');
  writeFileSync(script, '<?php echo "ok";');
  const port = await freePort();
  const config = join(folder, 'fpm.conf');
  const isRoot = process.getuid?.() === 0;
  writeFileSync(
    config,
    `[global]
error_log = ${join(folder, 'fpm.log')}
daemonize = no
[shop]
${isRoot ? 'user = root' : ''}
listen = 127.0.0.1:${port}
pm = static
pm.max_children = 3
pm.status_path = /status
`,
  );
  await startServer(t, program, ['-y', config, '-F', ...(isRoot ? ['-R'] : [])], [port]);
  const pass = (name: string, file: string): string =>
    `fastcgi_pass 127.0.0.1:${port}; fastcgi_param SCRIPT_NAME ${name}; fastcgi_param SCRIPT_FILENAME ${file};
     fastcgi_param REQUEST_METHOD $request_method; fastcgi_param QUERY_STRING $query_string;`;
  const nginx = await startNginx(
    t,
    `location = /status { ${pass('/status', '/status')} } location / { ${pass('/index.php', script)} }`,
  );
  for (let i = 0; i < 10; i++) assert.equal(await (await fetch(`http://${nginx}/`)).text(), 'ok');
  const scraping = await scrapeWith(t, phpFpmStatusSource, { targets: [nginx] });
  assert.equal(scraping.about('up'), 1);
  await scraping.next();
  const before = valuesOf(scraping.sets());
  const page = (await (await fetch(`http://${nginx}/status?json`)).json()) as Record<string, number>;
  await scraping.next();
  await scraping.next();
  const after = valuesOf(scraping.sets());
  const accepted = 'phpfpm.connections.accepted shop';
  const own = page['accepted conn']!;
  assert.ok(before[accepted]! >= 11 && before[accepted]! <= own && own <= after[accepted]!);
  // The one that shows the page is active; one that has shown it is so for a moment more.
  await scraping.until(
    'one process is active, and two are idle',
    (values) =>
      values['phpfpm.processes shop active'] === 1 &&
      values['phpfpm.processes shop idle'] === 2 &&
      values['phpfpm.process.states shop running'] === 1 &&
      values['phpfpm.process.states shop idle'] === 2,
  );
  const expected = {
    'phpfpm.listen_queue.length shop': page['listen queue'],
    'phpfpm.listen_queue.limit shop': page['listen queue len'],
    'phpfpm.max_children_reached shop': page['max children reached'],
    'phpfpm.slow_requests shop': page['slow requests'],
  };
  assert.deepEqual(Object.fromEntries(Object.keys(expected).map((name) => [name, after[name]])), expected);
  const counter = scraping.sets()[0]!.families.find(({ name }) => name === 'phpfpm.connections.accepted');
  assert.equal(counter!.points[0]!.startUnixMs, 1000 * page['start time']!);
  assert.deepEqual(scraping.log(), []);
});

test('the query of a target stays as it is written', { timeout: 30_000 }, async (t) => {
  const asked: (string | undefined)[] = [];
  const target = await listen(t, (request, response) => {
    asked.push(request.url);
    showing('{"pool":"www","accepted conn":1}', 'application/json')(request, response);
  });
  await scrapeWith(t, phpFpmStatusSource, { targets: [target, `http://${target}/fpm?json`] });
  assert.deepEqual([...new Set(asked)].sort(), ['/fpm?json', '/status?json&full']);
});

for (const { what, page } of [
  { what: 'a web page', page: '<html>' },
  { what: 'the page as text', page: 'pool:                 www\nprocess manager:      dynamic\n' },
  { what: 'other JSON', page: '{"status":"ok"}' },
  { what: 'a list', page: '[]' },
]) {
  test(`parseStatus() refuses ${what}`, () => {
    assert.throws(() => parseStatus(Buffer.from(page)), { reason: 'parse' });
  });
}
