import assert from 'node:assert/strict';
import { appendFileSync, existsSync, truncateSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { startAgent } from '../harness/agent-process.ts';
import { until } from '../harness/files.ts';
import { NumberedLog } from '../harness/numbered-log.ts';
import type { OtlpBackend } from '../harness/otlp-backend.ts';
import { prepare } from '../harness/setting.ts';

const limit = { timeout: 60_000 };

/** The numbers of the lines that arrived under each id. */
function linesById(backend: OtlpBackend): Map<unknown, Set<number | undefined>> {
  const lines = new Map<unknown, Set<number | undefined>>();
  for (const { record, line } of backend.arrivals) {
    const id = record.attributes.get('log.record.uid');
    lines.set(id, (lines.get(id) ?? new Set()).add(line));
  }
  return lines;
}

test(
  'CRA-06 removing repeats by log.record.uid leaves every line once, after SIGKILLs and rotations',
  limit,
  async (t) => {
    const { folder, backend, config } = await prepare(t, { pipeline: { stages: ['json'], record_uid: true } });
    const log = new NumberedLog(folder);
    for (let life = 0; life < 3; life++) {
      const agent = await startAgent(t, folder, config);
      const before = backend.distinct;
      await agent.until('lines arrive', () => {
        log.write(50);
        return backend.distinct > before + 300;
      });
      // A kill before the very first checkpoint, and a rotation after it, lose what then has another name: UNA-03.
      await agent.until('a checkpoint is there', () => existsSync(`${folder}/state/checkpoint`));
      log.rotate();
      // What is taken and not answered comes again; in the first life no checkpoint knows this second file yet.
      backend.behaviour = 'take_silently';
      const answered = backend.arrivals.length;
      await agent.until('requests wait for their answers', () => {
        log.write(50);
        return backend.arrivals.length > answered + 100;
      });
      assert.equal(await agent.end('SIGKILL'), 'SIGKILL');
      await until('what was under way has arrived', async () => (await backend.connections()) === 0);
      if (life % 2 === 0) log.rotate();
      backend.behaviour = 'take';
    }
    const last = await startAgent(t, folder, config);
    log.write(100);
    assert.equal(await last.end('SIGTERM'), 0, last.stderr);

    assert.deepEqual(backend.missing(log.written), []);
    assert.ok(backend.repeats > 0, 'some lines came twice');
    const ids = linesById(backend);
    assert.ok(
      [...ids.values()].every((lines) => lines.size === 1),
      'an id stands for one line',
    );
    assert.equal(ids.size, log.written, 'a line has one id');
    assert.ok([...ids.keys()].every((id) => typeof id === 'string' && /^[0-9a-f]{16}-0-\d+$/.test(id)));
  },
);

test(
  'CRA-06 the same place in a file means other bytes after each truncation, also one that nobody saw',
  limit,
  async (t) => {
    const { folder, logs, backend, config } = await prepare(t, { pipeline: { record_uid: true } });
    const path = `${logs}/app.log`;
    writeFileSync(path, '{"line":1}\n');
    const first = await startAgent(t, folder, config);
    await first.until('a line arrives', () => backend.distinct === 1);
    truncateSync(path);
    await first.logged('A file was truncated: it is read from its beginning.');
    appendFileSync(path, '{"line":2}\n');
    await first.until('the next one arrives', () => backend.distinct === 2);
    assert.equal(await first.end('SIGTERM'), 0, first.stderr);
    truncateSync(path);
    appendFileSync(path, '{"line":3}\n{"line":4}\n');
    const second = await startAgent(t, folder, config);
    await second.until('the others arrive', () => backend.distinct === 4);
    assert.equal(await second.end('SIGTERM'), 0, second.stderr);
    const ids = linesById(backend);
    assert.deepEqual(
      [...ids.keys()].map((id) => String(id).replace(/^[0-9a-f]{16}-/, '')),
      ['0-0', '1-0', '2-0', '2-11'],
    );
  },
);

test('log.record.uid is on no record where nobody asked for it', limit, async (t) => {
  const { folder, backend, config } = await prepare(t);
  new NumberedLog(folder).write(3);
  const agent = await startAgent(t, folder, config);
  assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);
  assert.deepEqual([...linesById(backend).keys()], [undefined]);
});
