import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type PillionProcess, startAgent } from '../harness/agent-process.ts';
import { NumberedLog } from '../harness/numbered-log.ts';
import { prepare } from '../harness/setting.ts';

const limit = { timeout: 60_000 };

/** An application that runs under that name until it is told to end. */
function startApplication(t: TestContext, folder: string): { end(): void } {
  const program = join(folder, 'worker-app');
  copyFileSync('/bin/sleep', program);
  const child = spawn(program, ['1000'], { stdio: 'ignore' });
  const end = (): void => void child.kill('SIGKILL');
  t.after(end);
  return { end };
}

function hasSeen(agent: PillionProcess): boolean {
  return agent.log.some(({ msg }) => msg === 'The process that it waits for is there.');
}

for (const { name, exitWhen, isSeen, finish } of [
  {
    name: 'a file is there',
    exitWhen: (folder: string) => ({ file: join(folder, 'done') }),
    finish: (folder: string) => writeFileSync(join(folder, 'done'), ''),
  },
  { name: 'nothing was read for a while', exitWhen: () => ({ idle: '1s' }), finish: () => {} },
  {
    name: 'the process is gone',
    exitWhen: () => ({ process_gone: 'worker-app' }),
    isSeen: true,
    finish: () => {},
  },
]) {
  test(
    `DRN-10 the agent of a Job delivers everything and ends when ${name}, and a second one finds nothing`,
    limit,
    async (t) => {
      const { folder, backend, config } = await prepare(t, {});
      const job = { ...config, exit_when: exitWhen(folder) };
      const application = isSeen === true ? startApplication(t, folder) : undefined;
      const log = new NumberedLog(folder);
      log.write(1000);
      const agent = await startAgent(t, folder, job);
      await agent.until('lines arrive', () => backend.distinct === 1000);
      if (application !== undefined) await agent.until('it sees the application', () => hasSeen(agent));
      log.write(1000);
      log.rotate();
      log.write(500);
      application?.end();
      finish(folder);
      assert.equal(await agent.ended, 0, agent.stderr);
      assert.deepEqual(backend.missing(log.written), []);
      assert.equal(backend.repeats, 0);
      assert.equal(agent.summary.readRecords, log.written);

      const { requests } = backend;
      const again = isSeen === true ? startApplication(t, folder) : undefined;
      const second = await startAgent(t, folder, job);
      if (again !== undefined) await second.until('it sees the application', () => hasSeen(second));
      again?.end();
      assert.equal(await second.ended, 0, second.stderr);
      assert.equal(backend.requests, requests);
    },
  );
}
