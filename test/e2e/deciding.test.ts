import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { addUp, askLedger } from '../harness/admin.ts';
import { runPillion, startAgent } from '../harness/agent-process.ts';
import { temporaryFolder, until } from '../harness/files.ts';
import { NumberedLog } from '../harness/numbered-log.ts';
import { prepare } from '../harness/setting.ts';

const limit = { timeout: 60_000 };

test('what a stage cannot read is set aside in a file, with the reason, and counted', limit, async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(
    join(folder, 'pillion.yaml'),
    JSON.stringify({
      state: join(folder, 'state'),
      sources: { in: { type: 'stdin' } },
      pipelines: {
        logs: {
          from: 'in',
          stages: [
            { json: {}, on_error: 'dead_letter' },
            { timestamp: {}, on_error: 'drop' },
          ],
          to: 'out',
          dead_letter: join(folder, 'unread.jsonl'),
        },
      },
      sinks: { out: { type: 'console', format: 'json' } },
    }),
  );
  const input = '{"a":1}\nplain "text"\n{"a":2,"time":"yesterday"}\n{"a"\n';
  const { exit, stdout, stderr } = await runPillion(t, ['run'], { cwd: folder, input });
  assert.equal(exit, 0);
  assert.deepEqual(
    stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => (JSON.parse(line) as { attributes: unknown }).attributes),
    [{ a: 1 }],
  );
  const lines = readFileSync(join(folder, 'unread.jsonl'), 'utf8').trimEnd().split('\n');
  const aside = lines.map((line) => {
    const { time: _, request, ...rest } = JSON.parse(line) as Record<string, unknown> & { request: OtlpRequest };
    return { ...rest, body: request.resourceLogs[0]!.scopeLogs[0]!.logRecords[0]!.body.stringValue };
  });
  const common = { pipeline: 'logs', reason: 'on_error', error: 'logs/1 (json): no JSON object', stream: 'stdin' };
  assert.deepEqual(aside, [
    { ...common, body: 'plain "text"' },
    { ...common, body: '{"a"' },
  ]);
  assert.match(stderr, /4 records read .* 1 delivered, 3 dropped/);
});

interface OtlpRequest {
  readonly resourceLogs: {
    readonly scopeLogs: { readonly logRecords: { readonly body: { readonly stringValue: string } }[] }[];
  }[];
}

test('a sink takes only the records that meet its condition', limit, async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(
    join(folder, 'pillion.yaml'),
    JSON.stringify({
      state: join(folder, 'state'),
      sources: { in: { type: 'stdin' } },
      pipelines: {
        logs: { from: 'in', stages: ['json', 'severity'], to: [{ sink: 'out', if: 'severity >= WARN' }] },
      },
      sinks: { out: { type: 'console', format: 'json' } },
    }),
  );
  const input = '{"level":"info"}\n{"level":"warn"}\n{"level":"error"}\n';
  const { exit, stdout } = await runPillion(t, ['run'], { cwd: folder, input });
  assert.equal(exit, 0);
  assert.deepEqual(
    [...stdout.matchAll(/"severity":"(\w+)"/g)].map(([, severity]) => severity),
    ['warn', 'error'],
  );
});

for (const { name, pipeline, expected } of [
  {
    name: 'a stage that sets aside, and no file for it',
    pipeline: { from: 'in', stages: [{ json: {}, on_error: 'dead_letter' }], to: 'out' },
    expected: /A stage sets records aside, and the pipeline has no file for them/,
  },
  {
    name: 'a wrong condition of a sink',
    pipeline: { from: 'in', to: [{ sink: 'out', if: 'sevrity > INFO' }] },
    expected: /there is no "sevrity"[\s\S]*Did you mean "severity"\?/,
  },
  {
    name: 'a sink that is not there',
    pipeline: { from: 'in', to: [{ sink: 'outt', if: 'severity > INFO' }] },
    expected: /No sink is named "outt"/,
  },
]) {
  test(`check explains ${name}`, limit, async (t) => {
    const folder = temporaryFolder(t);
    const config = {
      sources: { in: { type: 'stdin' } },
      pipelines: { logs: pipeline },
      sinks: { out: { type: 'console' } },
    };
    writeFileSync(join(folder, 'pillion.yaml'), JSON.stringify(config));
    const { exit, stderr } = await runPillion(t, ['check'], { cwd: folder });
    assert.equal(exit, 2);
    assert.match(stderr, expected);
  });
}

test(
  'throttle with over_limit: wait leaves the rest in the file, and a drain sends all of it at once',
  limit,
  async (t) => {
    const stages = [{ throttle: { rate: '10/s', over_limit: 'wait' } }];
    const { folder, backend, config } = await prepare(t, { pipeline: { stages } });
    const log = new NumberedLog(folder);
    log.write(30_000);
    const agent = await startAgent(t, folder, config);
    // Batches that wait are in flight: what stays as it is, is what was delivered.
    const seen: number[] = [];
    await until('a first read is delivered, and the file waits', async () => {
      const { unread, delivered } = addUp(await askLedger(agent));
      seen.push(delivered);
      return unread > 0 && delivered > 0 && seen.slice(-5).every((before) => before === delivered) && seen.length >= 5;
    });
    assert.ok(backend.distinct < log.written, 'the rest waits');
    assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);
    assert.deepEqual(backend.missing(log.written), []);
    const { readRecords, droppedRecords, unreadBytes } = agent.summary;
    assert.deepEqual(
      { readRecords, droppedRecords, unreadBytes },
      { readRecords: 30_000, droppedRecords: 0, unreadBytes: 0 },
    );
  },
);
