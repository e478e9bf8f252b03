import assert from 'node:assert/strict';
import { appendFileSync, closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startFileSource, temporaryFolder, until } from '../harness/files.ts';

const POLL_MS = 50;

test('FAI-01 slow files keep their pace beside one that is written as fast as it can be', async (t) => {
  const folder = temporaryFolder(t);
  const names = Array.from({ length: 100 }, (_, i) => `slow-${i}.log`);
  for (const name of names) writeFileSync(join(folder, name), '');
  const hotPath = join(folder, 'hot.log');
  writeFileSync(hotPath, '');
  const source = startFileSource(t, { options: { include: [join(folder, '*.log')], poll_interval: `${POLL_MS}ms` } });
  await until('all are followed', () => source.sum('pillion_source_files') === names.length + 1);
  const hot = openSync(hotPath, 'a');
  t.after(() => closeSync(hot));
  const block = `${'x'.repeat(1000)}\n`.repeat(1000);
  let latestMs = 0;
  const sentMs = new Map<string, number>();
  let seen = 0;
  const lookForSlow = (): void => {
    for (; seen < source.output.records.length; seen++) {
      const { body } = source.output.records[seen]!;
      const startMs = sentMs.get(body);
      if (startMs !== undefined) latestMs = Math.max(latestMs, performance.now() - startMs);
      sentMs.delete(body);
    }
  };
  for (let round = 0; round < 20; round++) {
    writeSync(hot, block);
    for (const name of names.slice(0, 20)) {
      const line = `${name} ${round}`;
      appendFileSync(join(folder, name), `${line}\n`);
      sentMs.set(line, performance.now());
    }
    const before = source.output.records.length;
    await until('something was read', () => {
      lookForSlow();
      return source.output.records.length > before;
    });
  }
  await until('all slow lines are there', () => {
    lookForSlow();
    return sentMs.size === 0;
  });
  // The machine may be busy with other tests.
  assert.ok(latestMs < 2 * POLL_MS + 1000, `${latestMs} ms`);
  const hotLines = (): number => source.bodies.filter((body) => body.startsWith('x')).length;
  await until('the hot file is read, too', () => hotLines() > 1000);
});
