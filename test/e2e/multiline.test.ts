import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runPillion, startAgent } from '../harness/agent-process.ts';
import { temporaryFolder } from '../harness/files.ts';

const limit = { timeout: 30_000 };

/** What an agent makes of one file, as its console sink prints it. */
async function recordsOf(t: Parameters<typeof startAgent>[0], source: object, content: string) {
  const folder = temporaryFolder(t);
  const path = join(folder, 'app.log');
  writeFileSync(path, content);
  const agent = await startAgent(t, folder, {
    state: join(folder, 'state'),
    sources: { app: { type: 'file', include: [path], ...source } },
    pipelines: { logs: { from: ['app'], to: ['screen'] } },
    sinks: { screen: { type: 'console', format: 'json' } },
  });
  assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);
  return agent.stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as { body: string; time?: string; attributes: Record<string, unknown> });
}

test(
  'CRI-01 CRI-02 run makes one record of a stack trace that a container wrote, with its time and stream',
  limit,
  async (t) => {
    const cri = [
      'stderr F java.lang.Error: bad',
      'stdout F hello',
      'stderr P \tat Main.ma',
      'stderr F in(Main.java:1)',
      'stderr F next',
    ];
    const content = cri.map((text, i) => `2026-01-02T03:04:05.00${i}000000Z ${text}\n`).join('');
    const records = await recordsOf(t, { multiline: 'java' }, content);
    const found = records.map(({ body, time, attributes }) => [body, time?.slice(0, 23), attributes['log.iostream']]);
    assert.deepEqual(found.toSorted(), [
      ['hello', '2026-01-02T03:04:05.001', 'stdout'],
      ['java.lang.Error: bad\n\tat Main.main(Main.java:1)', '2026-01-02T03:04:05.000', 'stderr'],
      ['next', '2026-01-02T03:04:05.004', 'stderr'],
    ]);
  },
);

test('run takes a pattern that backtracks for ever on a hostile line', limit, async (t) => {
  const hostile = `${'a'.repeat(60)}!`;
  const records = await recordsOf(
    t,
    { multiline: { start: '^(a+)+$', continuation: '^(x+x+)+y' } },
    `aaa\n${hostile}\naa\n`,
  );
  assert.deepEqual(
    records.map(({ body }) => body),
    ['aaa', hostile, 'aa'],
  );
});

test('check finds nothing wrong with the example of containers', limit, async (t) => {
  const example = join(import.meta.dirname, '../../examples/containers.yaml');
  const { exit, stderr } = await runPillion(t, ['check', example], { cwd: temporaryFolder(t) });
  assert.equal(exit, 0, stderr);
});
