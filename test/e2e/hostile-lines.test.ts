import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runPillion, startAgent } from '../harness/agent-process.ts';
import { temporaryFolder } from '../harness/files.ts';
import { OtlpBackend } from '../harness/otlp-backend.ts';

/** What somebody who writes the log would try; each is one line. */
const LINES = [
  '\u001b]0;title\u0007\u001b[2J\u009b31m\u202egnp.exe',
  '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":"x","line":2}',
  `{"line":3,"deep":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
  `{"line":4,"number":${'9'.repeat(500_000)}}`,
  `{"line":5,"number":1e${'9'.repeat(1000)}}`,
  `${'a'.repeat(50_000)}!`,
  `{"line":7,${'"k":1,'.repeat(20_000)}"end":1}`,
  `{"line":8,"time":"${'0'.repeat(10_000)}"}`,
  '{"line":9,"half":"\\ud800","nul":"\\u0000"}',
  '{"line":10',
];

test('SEC-12 hostile lines become records or marks, each in bounded time', { timeout: 30_000 }, async (t) => {
  const folder = temporaryFolder(t);
  const backend = await OtlpBackend.open(t);
  mkdirSync(join(folder, 'logs'));
  writeFileSync(join(folder, 'logs/app.log'), LINES.map((line) => `${line}\n`).join(''));
  const startMs = performance.now();
  const agent = await startAgent(t, folder, {
    state: join(folder, 'state'),
    sources: { app: { type: 'file', include: [join(folder, 'logs/*.log')] } },
    pipelines: {
      logs: {
        from: ['app'],
        stages: ['json', { timestamp: { field: 'time', format: 'iso8601' } }, { severity: { field: 'level' } }],
        to: ['backend'],
      },
    },
    sinks: { backend: { type: 'otlp', endpoint: backend.endpoint, flush_interval: '20ms' } },
  });
  await agent.until('every line arrived', () => backend.arrivals.length === LINES.length);
  assert.ok(performance.now() - startMs < 10_000);
  assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);
  assert.equal(agent.summary.deliveredRecords, LINES.length);
  const raw = backend.arrivals.filter(({ record }) => record.attributes.has('pillion.marks'));
  assert.ok(raw.length >= 3, 'what is no JSON is marked');
});

test('SEC-12 a terminal sees none of it as it is', { timeout: 30_000 }, async (t) => {
  const folder = temporaryFolder(t);
  const name = 'a\u001b[2J\u202eb.log';
  writeFileSync(join(folder, name), `${LINES.slice(0, 2).join('\n')}\n`);
  for (const format of ['pretty', 'json', 'otlp_json']) {
    const { stdout, stderr } = await runPillion(t, ['tail', name, '--no-follow', '--format', format], { cwd: folder });
    assert.ok(stdout.includes('title'), stdout + stderr);
    assert.doesNotMatch(stdout + stderr, /[\0-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]/);
  }
});
