import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { decodeCheckpoint } from '../../src/checkpoint/checkpoint-format.ts';
import { type PillionProcess, startAgent } from '../harness/agent-process.ts';
import { temporaryFolder } from '../harness/files.ts';
import { NumberedLog } from '../harness/numbered-log.ts';
import { OtlpBackend } from '../harness/otlp-backend.ts';

const LINES = 200;
const WARM_UP_ROUNDS = 30;
const ROUNDS = 90;
const ROUNDS_PER_OUTAGE = 15;

/** What must not grow. */
interface Level {
  readonly handles: number;
  /** Files that the checkpoint knows: some that were removed stay for a while. */
  readonly entries: number;
  readonly memoryBytes: number;
}

function levelOf(agent: PillionProcess, folder: string): Level {
  const status = readFileSync(`/proc/${agent.pid}/status`, 'utf8');
  const decoded = decodeCheckpoint(readFileSync(join(folder, 'state/checkpoint')));
  assert.ok(decoded.kind === 'valid');
  const { streams } = decoded.sections.get('source/app') as { readonly streams: readonly unknown[] };
  return {
    handles: readdirSync(`/proc/${agent.pid}/fd`).length,
    entries: streams.length,
    memoryBytes: Number(/^VmRSS:\s*(\d+) kB$/m.exec(status)?.[1]) * 1024,
  };
}

test('FAI-06 agent keeps no more handles, entries or memory after many rotations and outages than after a few', {
  timeout: 60_000,
  skip: process.platform === 'linux' ? false : 'platform: looks into /proc',
}, async (t) => {
  const folder = temporaryFolder(t);
  const backend = await OtlpBackend.open(t);
  const log = new NumberedLog(folder);
  const agent = await startAgent(t, folder, {
    state: join(folder, 'state'),
    sources: {
      app: { type: 'file', include: [join(folder, 'logs/app.log')], poll_interval: '10ms', rotate_wait: '10ms' },
    },
    pipelines: { logs: { from: ['app'], to: ['backend'] } },
    sinks: {
      backend: {
        type: 'otlp',
        endpoint: backend.endpoint,
        flush_interval: '5ms',
        retry: { initial_interval: '10ms', max_interval: '20ms' },
      },
    },
  });
  const finished = (): number => agent.log.filter(({ msg }) => msg === 'A file is finished.').length;
  await agent.logged('Reading a file.');
  let warm: Level | undefined;
  for (let round = 1; round <= ROUNDS; round++) {
    const isOutage = round % ROUNDS_PER_OUTAGE === 0;
    if (isOutage) await backend.close();
    log.write(LINES);
    log.rotate();
    if (isOutage) await backend.reopen();
    await agent.until('the rotated file is finished', () => backend.distinct === log.written && finished() >= round);
    if (round === WARM_UP_ROUNDS) warm = levelOf(agent, folder);
  }
  const level = levelOf(agent, folder);
  t.diagnostic(JSON.stringify({ warm, level }));
  assert.ok(level.handles <= warm!.handles + 2, 'handles');
  assert.ok(level.entries < ROUNDS / 3, 'entries in the checkpoint');
  assert.ok(level.memoryBytes < 1.25 * warm!.memoryBytes, 'memory');
  assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);
  assert.deepEqual([backend.missing(log.written), backend.repeats], [[], 0]);
});
