import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { bundleProgram } from '../../../tools/bundle.ts';
import { PillionProcess } from '../../harness/agent-process.ts';
import { firstProcessIn, IN_A_NAMESPACE, whyNoNamespace } from '../../harness/namespace.ts';
import { NumberedLog } from '../../harness/numbered-log.ts';
import { prepare } from '../../harness/setting.ts';
import { CRASH_CASES } from './crash-cases.ts';
import { END_CASES } from './end-cases.ts';
import { JOB_CASES } from './job-cases.ts';
import { runCase } from './life-case.ts';

/** Most of a case is waiting; this many at once keep two cores busy. */
const CONCURRENCY = 6;

let folder = '';
/** The bundle starts in a tenth of the time that the sources take, as it does in a container. */
let main = '';

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pillion-test-'));
  await bundleProgram(join(folder, 'dist'));
  symlinkSync(join(import.meta.dirname, '../../../pipelines'), join(folder, 'pipelines'));
  main = join(folder, 'dist/main.js');
});

after(() => rmSync(folder, { recursive: true, force: true }));

describe('the life of a pod', { concurrency: CONCURRENCY }, () => {
  for (const life of [...END_CASES, ...CRASH_CASES, ...JOB_CASES])
    test(life.name, { timeout: 60_000 }, (t) => runCase(t, main, life));
});

test('LIF-15 as the first process of a container the agent drains at SIGTERM', {
  timeout: 60_000,
  skip: whyNoNamespace(),
}, async (t) => {
  const { folder, backend, config } = await prepare(t);
  writeFileSync(join(folder, 'pillion.yaml'), JSON.stringify(config));
  const agent = new PillionProcess(t, ['run'], { cwd: folder, program: main, within: IN_A_NAMESPACE });
  const log = new NumberedLog(folder);
  log.write(10);
  await agent.until('lines arrive', () => backend.distinct === 10);
  log.write(10);
  process.kill(firstProcessIn(agent.pid)!, 'SIGTERM');
  assert.equal(await agent.ended, 0, agent.stderr);
  assert.deepEqual(backend.missing(20), []);
});
