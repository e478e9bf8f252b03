import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { checkOptions } from '../../../src/component/check-options.ts';
import { phpFpmStatusSource } from '../../../src/sources/php-fpm-status/index.ts';
import { parseStatus } from '../../../src/sources/php-fpm-status/parse-status.ts';
import { temporaryFolder } from '../../harness/files.ts';
import { freePort } from '../../harness/free-port.ts';
import { nginxProgram, startNginx } from '../../harness/nginx-server.ts';
import { listen, scrapeWith, showing, valuesOf } from '../../harness/scraping.ts';
import { findProgram, startServer } from '../../harness/server-process.ts';

const program = findProgram('php-fpm*', 'php-fpm');
const real = { skip: program.skip || nginxProgram.skip, timeout: 60_000 };

/** Starts a real PHP-FPM on a free port, with a pool of three processes; the port. */
async function startPhpFpm(t: TestContext): Promise<number> {
  const folder = temporaryFolder(t);
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
  return port;
}

test('the figures of a real PHP-FPM behind nginx are those of its own page', real, async (t) => {
  const script = join(temporaryFolder(t), 'index.php');
  writeFileSync(script, '<?php echo "ok";');
  const port = await startPhpFpm(t);
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

test('a real PHP-FPM is asked without a web server', { skip: program.skip, timeout: 60_000 }, async (t) => {
  const port = await startPhpFpm(t);
  const scraping = await scrapeWith(t, phpFpmStatusSource, { targets: [`fcgi://127.0.0.1:${port}`] });
  assert.equal(scraping.about('up'), 1);
  await scraping.until(
    'one process is active, and two are idle',
    (values) => values['phpfpm.processes shop active'] === 1 && values['phpfpm.processes shop idle'] === 2,
  );
  const accepted = valuesOf(scraping.sets())['phpfpm.connections.accepted shop']!;
  await scraping.until(
    'each scrape is counted',
    (values) => values['phpfpm.connections.accepted shop']! > accepted + 2,
  );
  assert.deepEqual(scraping.log(), []);
});

test('a pool that shows its status elsewhere is said', { skip: program.skip, timeout: 60_000 }, async (t) => {
  const port = await startPhpFpm(t);
  const { about, log } = await scrapeWith(t, phpFpmStatusSource, { targets: [`fcgi://127.0.0.1:${port}/other`] });
  assert.deepEqual([about('up'), log()[0]?.['reason']], [0, 'http_404']);
});

for (const { what, answer, reason } of [
  { what: 'speaks HTTP', answer: 'HTTP/1.1 400 Bad Request\r\n\r\n', reason: 'protocol' },
  { what: 'has no room', answer: '\x01\x03\0\x01\0\x08\0\0\0\0\0\0\x02\0\0\0', reason: 'overloaded' },
  { what: 'says nothing', answer: '\x01\x03\0\x01\0\x08\0\0\0\0\0\0\0\0\0\0', reason: 'protocol' },
]) {
  test(`a PHP-FPM that ${what} is a failed scrape`, { timeout: 30_000 }, async (t) => {
    const server = createServer((socket) => void socket.on('error', () => {}).end(Buffer.from(answer, 'latin1')));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => void server.close());
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const { about, log } = await scrapeWith(t, phpFpmStatusSource, { targets: [`fcgi://127.0.0.1:${port}/status`] });
    assert.deepEqual([about('up'), log()[0]?.['reason']], [0, reason]);
  });
}

for (const target of ['fcgi:///status', 'fcgi://user:pw@localhost/status', 'unix:/run/php.sock']) {
  test(`the target ${target} is refused`, () => {
    const checked = checkOptions(phpFpmStatusSource.options, { targets: [target] }, []);
    assert.ok(checked.ok);
    assert.deepEqual(
      phpFpmStatusSource.check!(checked.options).map(({ path }) => path.join('.')),
      ['targets.0'],
    );
  });
}

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
