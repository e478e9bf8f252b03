import assert from 'node:assert/strict';
import { appendFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { fingerprint } from '../../../src/checkpoint/file-identity.ts';
import { startFileSource, temporaryFolder } from '../../harness/files.ts';

const OLD = 'one\ntwo\n';
const NEW = 'three\n';

/** A log of which a last life has read `OLD`, and `NEW` came since. */
function logFile(t: TestContext) {
  const path = join(temporaryFolder(t), 'app.log');
  writeFileSync(path, OLD);
  appendFileSync(path, NEW);
  return { path, stats: statSync(path, { bigint: true }) };
}

test('CKP-04 run() goes on where version 0.1 stopped, and stores it in its own form', async (t) => {
  const { path, stats } = logFile(t);
  // Written down as 0.1 stores it, hashes included: what lies in state folders does not change with the code.
  const stream = `{"key":"${stats.dev}:${stats.ino}","path":"${path}","home":"${path}","bornNs":"${stats.birthtimeNs}",
    "generation":0,"offset":8,"resume":"line","size":8,
    "head":{"length":8,"hash":"12ba0be6295989f7"},"window":{"length":8,"hash":"12ba0be6295989f7"}}`;
  const source = startFileSource(t, {
    options: { include: [path] },
    restored: JSON.parse(`{"streams":[${stream}],"searches":[]}`),
  });
  await source.drain();
  assert.deepEqual(source.bodies, ['three']);
  const { streams } = source.section.stored as { streams: { offset: number }[] };
  assert.deepEqual(
    streams.map(({ offset }) => offset),
    [14],
  );
});

describe('SEC-10 CKP-09 run() reads a file from its beginning where the stored entry is not about it', () => {
  const whole = fingerprint(Buffer.from(OLD));
  const other = fingerprint(Buffer.from('eno\nowt\n'));
  const nothing = { length: 0, hash: '' };
  for (const { name, change } of [
    { name: 'but of another file with its inode, path and time', change: { head: other, window: other } },
    { name: 'but has another head', change: { head: other } },
    { name: 'but has other bytes before the offset', change: { window: other } },
    { name: 'but proves nothing', change: { head: nothing, window: nothing } },
    { name: 'but proves less than the offset needs', change: { window: fingerprint(Buffer.from('two\n')) } },
    { name: 'but lies behind the end of the file', change: { offset: 1_000_000, size: 1_000_000 } },
  ]) {
    test(`SEC-10 CKP-09 ${name}`, async (t) => {
      const { path, stats } = logFile(t);
      const entry = {
        key: `${stats.dev}:${stats.ino}`,
        path,
        home: path,
        bornNs: String(stats.birthtimeNs),
        generation: 0,
        offset: OLD.length,
        resume: 'line',
        size: OLD.length,
        head: whole,
        window: whole,
      };
      const options = { include: [path] };
      const source = startFileSource(t, { options, restored: { streams: [{ ...entry, ...change }] } });
      await source.drain();
      assert.deepEqual(source.bodies, ['one', 'two', 'three']);
      const control = startFileSource(t, { options, restored: { streams: [entry] } });
      await control.drain();
      assert.deepEqual(control.bodies, ['three'], 'the entry as it was is believed');
    });
  }
});
