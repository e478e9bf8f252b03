import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { bundleProgram } from '../../tools/bundle.ts';
import { startAgent } from '../harness/agent-process.ts';
import { temporaryFolder } from '../harness/files.ts';
import { memoryGroup } from '../harness/memory-group.ts';

const MIB = 2 ** 20;

const LINE = `${JSON.stringify({ level: 'info', msg: 'x'.repeat(900) })}\n`;
const LINES_A_MIB = Math.floor(MIB / LINE.length);

interface Setting {
  readonly workers: number;
  readonly limitBytes: number;
  /** What is run; undefined: the sources. */
  readonly program?: string;
}

/** Catches up on 256 MiB while the backend is away, which comes back once the agent has said that memory is short. */
async function catchUp(t: TestContext, { workers, limitBytes, program }: Setting): Promise<void> {
  const within = memoryGroup(t, limitBytes);
  if (within === undefined) return t.skip('platform: nobody may make a control group for memory here');
  const waiting: ServerResponse[] = [];
  let isBack = false;
  const server = createServer((request, response) => {
    request.resume().on('end', () => (isBack ? response.end() : waiting.push(response)));
  });
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'logs'));
  const mebibyte = LINE.repeat(LINES_A_MIB);
  for (let file = 0; file < 16; file++) writeFileSync(join(folder, 'logs', `${file}.log`), mebibyte.repeat(16));
  const agent = await startAgent(
    t,
    folder,
    {
      state: join(folder, 'state'),
      workers,
      sources: { app: { type: 'file', include: [join(folder, 'logs/*.log')] } },
      pipelines: { logs: { from: ['app'], to: ['backend'] } },
      sinks: {
        backend: {
          type: 'otlp',
          endpoint: `http://127.0.0.1:${address.port}`,
          compression: 'none',
          max_request_size: '8MiB',
          max_request_records: 1_000_000,
          max_in_flight: 64,
          timeout: '60s',
        },
      },
    },
    { within, ...(program !== undefined && { program }) },
  );
  await agent.logged('Memory is short: sinks send smaller requests, one at a time.');
  assert.ok(waiting.length < 20 * workers, `${waiting.length} requests under way`);
  isBack = true;
  for (const response of waiting) response.end();
  await agent.until('memory is enough again', () =>
    agent.log.some(({ msg }) => msg === 'There is memory enough again.'),
  );
  assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);
  assert.equal(agent.summary.deliveredRecords, 16 * 16 * LINES_A_MIB);
}

test('an agent whose backend is away, with room for more requests than memory, stays below the limit of its container', (t) =>
  catchUp(t, { workers: 1, limitBytes: 128 * MIB }));

test('so does one with two workers, whose sinks are all told that memory is short', async (t) => {
  const dist = temporaryFolder(t);
  await bundleProgram(dist);
  await catchUp(t, { workers: 2, limitBytes: 224 * MIB, program: join(dist, 'main.js') });
});
