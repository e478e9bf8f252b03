import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { nodeStatusSource } from '../../../src/sources/node-status/index.ts';
import { temporaryFolder, until } from '../../harness/files.ts';
import { freePort } from '../../harness/free-port.ts';
import { listen, scrapeWith, showing, valuesOf } from '../../harness/scraping.ts';
import { startServer } from '../../harness/server-process.ts';

/** An application that burns CPU when it is asked to, and says what Node says of it, by what the example brings. */
const APPLICATION = `
import { createServer } from 'node:http';
createServer((request, response) => {
  for (const end = performance.now() + 50; request.url === '/work' && performance.now() < end; );
  response.end(JSON.stringify({ uptime: process.uptime(), cpu: process.cpuUsage(), memory: process.memoryUsage() }));
}).listen(Number(process.argv[2]), '127.0.0.1');
`;

interface OwnFigures {
  readonly uptime: number;
  readonly cpu: { readonly user: number; readonly system: number };
  readonly memory: { readonly rss: number; readonly heapUsed: number };
}

async function startApplication(t: TestContext): Promise<{ status: string; work(): Promise<OwnFigures> }> {
  const file = join(temporaryFolder(t), 'app.mjs');
  writeFileSync(file, APPLICATION);
  const [port, statusPort] = [await freePort(), await freePort()];
  const example = join(import.meta.dirname, '../../../examples/node-status.mjs');
  const env = { ...process.env, NODE_STATUS_PORT: String(statusPort) };
  const args = ['--import', example, file, String(port)];
  await startServer(t, { command: process.execPath, skip: false }, args, [port, statusPort], env);
  const work = async () => (await (await fetch(`http://127.0.0.1:${port}/work`)).json()) as OwnFigures;
  return { status: `127.0.0.1:${statusPort}`, work };
}

test('the figures of a real application of Node are those that it has itself', { timeout: 60_000 }, async (t) => {
  const { status, work } = await startApplication(t);
  const scraping = await scrapeWith(t, nodeStatusSource, { targets: [status] });
  assert.equal(scraping.about('up'), 1);
  for (let i = 0; i < 5; i++) await work();
  await scraping.next();
  const before = valuesOf(scraping.sets());
  const own = await work();
  await scraping.next();
  await scraping.next();
  const after = valuesOf(scraping.sets());
  for (const [name, value] of [
    ['process.uptime', own.uptime],
    ['process.cpu.time user', own.cpu.user / 1e6],
    ['process.cpu.time system', own.cpu.system / 1e6],
  ] as const) {
    assert.ok(before[name]! <= value && value <= after[name]!, `${name}: ${before[name]}, ${value}, ${after[name]}`);
  }
  const ratio = after['process.memory.usage']! / own.memory.rss;
  assert.ok(ratio > 0.5 && ratio < 2, `resident set: ${ratio} of its own`);
  const used = Object.entries(after).filter(([name]) => name.startsWith('v8js.memory.heap.used '));
  const heapRatio = used.reduce((sum, [, value]) => sum + value, 0) / own.memory.heapUsed;
  assert.ok(used.length > 4 && heapRatio > 0.5 && heapRatio < 2, `heap: ${heapRatio} of its own`);
  // It worked for six times 50 ms.
  assert.ok(after['nodejs.eventloop.time active']! >= 0.3);
  assert.ok(
    after['nodejs.eventloop.time active']! + after['nodejs.eventloop.time idle']! <= after['process.uptime']! + 1,
  );
  assert.ok(after['nodejs.eventloop.utilization']! >= 0 && after['nodejs.eventloop.utilization']! <= 1);
  const [set] = scraping.sets();
  const counter = set!.families.find(({ name }) => name === 'process.cpu.time')!;
  assert.ok(Math.abs(set!.unixMs - 1000 * after['process.uptime']! - counter.points[0]!.startUnixMs!) < 5000);
  assert.deepEqual(scraping.log(), []);
});

test('an application runs to its end, threads and all, whoever has the port', { timeout: 60_000 }, async (t) => {
  const taken = Number((await listen(t, showing(''))).split(':')[1]);
  const example = join(import.meta.dirname, '../../../examples/node-status.mjs');
  const thread = `new (require('node:worker_threads').Worker)('process.stdout.write("thread ")', { eval: true })`;
  for (const port of [taken, await freePort()]) {
    const env = { ...process.env, NODE_STATUS_PORT: String(port) };
    const args = ['--import', example, '--eval', `${thread}.on('exit', () => process.stdout.write('end'))`];
    const { stdout } = await promisify(execFile)(process.execPath, args, { env });
    assert.equal(stdout, 'thread end');
  }
});

test('of a cluster it is always the first process that answers', { timeout: 60_000 }, async (t) => {
  const file = join(temporaryFolder(t), 'cluster.mjs');
  const [port, statusPort] = [await freePort(), await freePort()];
  writeFileSync(
    file,
    `import cluster from 'node:cluster';
import { createServer } from 'node:http';
if (cluster.isPrimary) { cluster.fork(); cluster.fork(); globalThis.first = Buffer.alloc(2 ** 27); }
else createServer((_, response) => response.end('ok')).listen(${port}, '127.0.0.1');
`,
  );
  const example = join(import.meta.dirname, '../../../examples/node-status.mjs');
  const env = { ...process.env, NODE_STATUS_PORT: String(statusPort) };
  const node = { command: process.execPath, skip: false } as const;
  await startServer(t, node, ['--import', example, file], [statusPort, port], env);
  const buffers = async (): Promise<number> => {
    const answer = await fetch(`http://127.0.0.1:${statusPort}/json`, { headers: { connection: 'close' } });
    return ((await answer.json()) as { memoryUsage: { arrayBuffers: number } }).memoryUsage.arrayBuffers;
  };
  await until('the first process has its buffer', async () => (await buffers()) > 2 ** 27);
  for (let i = 0; i < 12; i++) assert.ok((await buffers()) > 2 ** 27);
});

test('what an application does not show is left out', { timeout: 30_000 }, async (t) => {
  const target = await listen(t, showing('{"uptime":3,"memoryUsage":{"rss":5}}', 'application/json'));
  const { shown, log } = await scrapeWith(t, nodeStatusSource, { targets: [target] });
  assert.deepEqual(
    shown().map((line) => line.replace(/ ".*"$/, '')),
    ['gauge process.uptime [s]', '  {} 3', 'up_down_counter process.memory.usage [By]', '  {} 5'],
  );
  assert.deepEqual(log(), []);
});

test('the list of targets of an inspector is no status', { timeout: 30_000 }, async (t) => {
  const target = await listen(t, showing('[{"type":"node","webSocketDebuggerUrl":"ws://127.0.0.1:9229/x"}]'));
  const { about, log } = await scrapeWith(t, nodeStatusSource, { targets: [target] });
  assert.deepEqual([about('up'), log()[0]?.['reason']], [0, 'parse']);
});
