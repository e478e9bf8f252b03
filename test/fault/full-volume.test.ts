import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, realpathSync, rmdirSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startAgent } from '../harness/agent-process.ts';
import { temporaryFolder } from '../harness/files.ts';
import { OtlpBackend } from '../harness/otlp-backend.ts';

/** A volume of a few pages; undefined where nobody may mount one. */
function smallVolume(t: TestContext): string | undefined {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'pillion-test-')));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    rmdirSync(folder);
    return undefined;
  }
  t.after(() => {
    // Lazily: whatever still uses it may end afterwards.
    execFileSync('umount', ['-l', folder]);
    rmdirSync(folder);
  });
  return folder;
}

function isWritten(path: string, text: string): boolean {
  try {
    writeFileSync(path, text);
    return true;
  } catch {
    return false;
  }
}

test('DSK-01 CKP-05 the volume of log and checkpoint is full: what is in the file is delivered as it is', {
  timeout: 30_000,
}, async (t) => {
  const volume = smallVolume(t);
  if (volume === undefined) return t.skip('platform: nobody may mount a volume here');
  const backend = await OtlpBackend.open(t);
  const path = join(volume, 'app.log');
  const agent = await startAgent(t, realpathSync(temporaryFolder(t)), {
    state: join(volume, 'state'),
    sources: { app: { type: 'file', include: [path], poll_interval: '20ms', rotate_wait: '50ms' } },
    pipelines: { logs: { from: ['app'], to: ['backend'] } },
    sinks: { backend: { type: 'otlp', endpoint: backend.endpoint, flush_interval: '20ms' } },
  });
  const log = openSync(path, 'a');
  let written = Buffer.alloc(0);
  let failure: unknown;
  for (let line = 1; failure === undefined; line++) {
    const text = Buffer.from(`{"line":${line},"text":"${'x'.repeat(700)}"}\n`);
    try {
      written = Buffer.concat([written, text.subarray(0, writeSync(log, text))]);
    } catch (error) {
      failure = error;
    }
  }
  assert.equal((failure as NodeJS.ErrnoException).code, 'ENOSPC');
  // Numbers of lines that are whole: of the last one only a part may have been written.
  const whole = written.toString().split('\n').length - 1;
  await agent.until('the whole lines arrived', () => backend.lines.size >= whole);
  // The checkpoint could not be written: delivery goes on, and is said.
  await agent.until('the failure is said', () =>
    agent.log.some(({ level, msg }) => level !== 'info' && /checkpoint/i.test(String(msg))),
  );
  // The application makes room, and goes on; the agent, too, has to let go of the file first.
  closeSync(log);
  rmSync(path);
  await agent.until('there is room', () => isWritten(path, '{"line":1000}\n'));
  await agent.until('the next file arrived', () => backend.lines.has(1000));
  const exit = await agent.end('SIGTERM');
  assert.ok(exit === 0 || exit === 1, agent.stderr);
  const strange = backend.foreign.filter(({ record }) => !written.toString().includes(String(record.body)));
  assert.deepEqual(strange, []);
});
