import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openCheckpoint } from '../../src/agent/open-checkpoint.ts';
import { FakeClock } from '../../src/core/fake-clock.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import { breakCheckpoint } from '../harness/agent-setting.ts';
import { temporaryFolder } from '../harness/files.ts';
import { RecordingStream } from '../harness/recording-stream.ts';

function parts() {
  const stream = new RecordingStream();
  const logger = createLogger({ level: 'info', pretty: false, stream });
  return { stream, clock: new FakeClock(), logger, metrics: new Metrics() };
}

test('CKP-06 without a configured folder, and a default one that cannot be used, the agent runs without and warns', async (t) => {
  const folder = join(temporaryFolder(t), 'file');
  writeFileSync(folder, '');
  const { stream, ...rest } = parts();
  const checkpoint = await openCheckpoint(undefined, rest, folder);
  const [line] = stream.text.split('\n');
  const { level, msg } = JSON.parse(line!) as Record<string, string>;
  assert.equal(level, 'warn');
  assert.match(msg!, /^No checkpoint is kept: a restart reads every file from its beginning\. Set "state"/);
  const section = checkpoint.section('source/app');
  assert.equal(section.restored, undefined);
  section.touch();
  assert.equal(await checkpoint.close(), true);
});

test('CKP-06 a configured folder that cannot be used is an error of the operator', async (t) => {
  const folder = join(temporaryFolder(t), 'file');
  writeFileSync(folder, '');
  await assert.rejects(openCheckpoint(folder, parts()), { code: 'ERR_STATE_WRITE' });
});

test('CKP-06 a configured folder that nobody can make is one, too, and not tried for ever', {
  skip: process.platform !== 'linux' && 'platform: /proc of Linux is such a place',
}, async () => {
  await assert.rejects(openCheckpoint('/proc/pillion/state', parts()), {
    code: 'ERR_STATE_WRITE',
    message: /^Cannot use state folder "\/proc\/pillion\/state": ENOENT/,
  });
});

test('CKP-05 metrics show the checkpoints that failed, and the age of what is not saved', async (t) => {
  const volume = temporaryFolder(t);
  const { clock, metrics, ...rest } = parts();
  const checkpoint = await openCheckpoint(join(volume, 'state'), { clock, metrics, ...rest });
  const inTheWay = breakCheckpoint(volume);
  const section = checkpoint.section('source/app');
  section.provide(() => 1);
  section.touch();
  await clock.untilSleeping();
  await clock.advance(400);
  assert.equal(metrics.sum('pillion_checkpoint_failures_total'), 1);
  assert.equal(metrics.sum('pillion_checkpoint_age_seconds'), 0.4);
  rmSync(inTheWay, { recursive: true });
  assert.equal(await checkpoint.close(), true);
  assert.equal(metrics.sum('pillion_checkpoint_age_seconds'), 0);
  assert.equal(metrics.sum('pillion_checkpoint_writes_total'), 1);
});
