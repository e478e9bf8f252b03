import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { haproxyStatsSource } from '../../../src/sources/haproxy-stats/index.ts';
import { parseStats } from '../../../src/sources/haproxy-stats/parse-stats.ts';
import { temporaryFolder } from '../../harness/files.ts';
import { freePort } from '../../harness/free-port.ts';
import { listen, scrapeWith, valuesOf } from '../../harness/scraping.ts';
import { findProgram, startServer } from '../../harness/server-process.ts';

const program = findProgram('haproxy', 'haproxy');

test('the figures of a real HAProxy are those of its own page', { skip: program.skip, timeout: 60_000 }, async (t) => {
  const application = await listen(t, (request, response) => {
    response.statusCode = request.url === '/gone' ? 404 : 200;
    response.end('x'.repeat(1000));
  });
  const [web, stats, nobody] = [await freePort(), await freePort(), await freePort()];
  const config = join(temporaryFolder(t), 'haproxy.cfg');
  writeFileSync(
    config,
    `defaults
  mode http
  timeout connect 5s
  timeout client 10s
  timeout server 10s
frontend web
  bind 127.0.0.1:${web}
  http-request deny if { path /secret }
  default_backend app
backend app
  timeout check 10s
  server up ${application} check inter 2s fall 100
  server away 127.0.0.1:${nobody} check inter 200ms fall 1
frontend stats
  bind 127.0.0.1:${stats}
  stats enable
  stats uri /stats
`,
  );
  await startServer(t, program, ['-f', config, '-db'], [web, stats]);
  const scraping = await scrapeWith(t, haproxyStatsSource, { targets: [`127.0.0.1:${stats}`] });
  await scraping.until(
    'the server that is away is down',
    (values) => values['haproxy.status app away down server'] === 1,
  );
  const get = async (path: string): Promise<void> => {
    await (await fetch(`http://127.0.0.1:${web}${path}`, { headers: { connection: 'close' } })).text();
  };
  for (let i = 0; i < 12; i++) await get('/');
  for (let i = 0; i < 3; i++) await get('/gone');
  for (let i = 0; i < 2; i++) await get('/secret');
  await scraping.until('all are counted', (values) => values['haproxy.sessions.total app BACKEND backend'] === 15);
  await scraping.next();
  await scraping.next();
  const values = valuesOf(scraping.sets());
  const csv = await (await fetch(`http://127.0.0.1:${stats}/stats;csv`)).text();
  const [head = '', ...lines] = csv.split('\n');
  const names = head.replace('# ', '').split(',');
  const own = (proxy: string, service: string, column: string): number => {
    const line = lines.find((line) => line.startsWith(`${proxy},${service},`)) ?? '';
    return Number(line.split(',')[names.indexOf(column)]);
  };
  const expected = {
    'haproxy.requests.total web FRONTEND frontend 2xx': own('web', 'FRONTEND', 'hrsp_2xx'),
    'haproxy.requests.total web FRONTEND frontend 4xx': own('web', 'FRONTEND', 'hrsp_4xx'),
    'haproxy.requests.denied web FRONTEND frontend': own('web', 'FRONTEND', 'dreq'),
    'haproxy.connections.total web FRONTEND frontend': own('web', 'FRONTEND', 'conn_tot'),
    'haproxy.bytes.output web FRONTEND frontend': own('web', 'FRONTEND', 'bout'),
    'haproxy.bytes.input app BACKEND backend': own('app', 'BACKEND', 'bin'),
    'haproxy.server_selected.total app up server': own('app', 'up', 'lbtot'),
    'haproxy.sessions.limit web FRONTEND frontend': own('web', 'FRONTEND', 'slim'),
    'haproxy.status app up up server': 1,
    'haproxy.status app up down server': 0,
    'haproxy.status app away down server': 1,
    'haproxy.status app BACKEND up backend': 1,
  };
  assert.deepEqual(Object.fromEntries(Object.keys(expected).map((name) => [name, values[name]])), expected);
  assert.deepEqual(
    [own('web', 'FRONTEND', 'hrsp_2xx'), own('app', 'BACKEND', 'hrsp_4xx'), own('web', 'FRONTEND', 'dreq')],
    [12, 3, 2],
  );
  // A server has no requests that a frontend has denied.
  assert.ok(!('haproxy.requests.denied app up server' in values));
  assert.deepEqual(scraping.log(), []);
});

test('parseStats() reads quotes, and leaves out empty cells', () => {
  const csv =
    '# pxname,svname,scur,hrsp_2xx,type,status,last_chk,\nweb,FRONTEND,3,7,0,OPEN,,\napp,"s, ""1""",,,2,DOWN 1/2,"a\nb",\napp,s2,0,,2,MAINT (via x/y),,\n\n';
  assert.deepEqual(parseStats(Buffer.from(csv)), [
    {
      pxname: 'web',
      svname: 'FRONTEND',
      scur: '3',
      hrsp_2xx: '7',
      responses: { '2xx': '7' },
      type: 'frontend',
      status: 'OPEN',
    },
    { pxname: 'app', svname: 's, "1"', type: 'server', status: 'DOWN', last_chk: 'a\nb' },
    { pxname: 'app', svname: 's2', scur: '0', type: 'server', status: 'MAINT' },
  ]);
});

for (const { what, page } of [
  { what: 'a web page', page: '<html>' },
  { what: 'nothing', page: '' },
  { what: 'other CSV', page: 'a,b\n1,2\n' },
  { what: 'a quote within a cell', page: '# pxname,svname,type\na"b,c,0\n' },
  { what: 'a quote that never ends', page: `# pxname,svname,type\n"${'""'.repeat(400_000)}` },
  { what: 'JSON', page: '[{"objType":"Frontend"}]' },
]) {
  test(`parseStats() refuses ${what}`, () => {
    assert.throws(() => parseStats(Buffer.from(page)), { reason: 'parse' });
  });
}
