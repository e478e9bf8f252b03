import assert from 'node:assert/strict';
import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { FakeClock } from '../../../src/core/fake-clock.ts';
import { Resource } from '../../../src/core/resource.ts';
import { AllowedRoots } from '../../../src/sources/file/allowed-roots.ts';
import { Discovery } from '../../../src/sources/file/discovery.ts';
import { FollowedFiles } from '../../../src/sources/file/followed-files.ts';
import { OwnOutput } from '../../../src/sources/file/own-output.ts';
import { Patterns } from '../../../src/sources/file/patterns.ts';
import { SourceReport } from '../../../src/sources/file/source-report.ts';
import { parseState } from '../../../src/sources/file/stream-entry.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';
import { Metrics } from '../../../src/telemetry/metrics.ts';
import { startFileSource, temporaryFolder } from '../../harness/files.ts';
import { sourceLedger } from '../../harness/ledger.ts';

/** The files of a source that is between its looks: the test looks and reconciles by hand. */
function restoredFiles(t: TestContext, path: string, restored: unknown) {
  const clock = new FakeClock();
  const patterns = new Patterns([path], []);
  const roots = new AllowedRoots([dirname(path)], []);
  const discovery = new Discovery({ patterns, roots, clock, maxFiles: 100 });
  const logger = createLogger({ level: 'error', pretty: false, stream: process.stderr });
  const report = new SourceReport(sourceLedger(), new Metrics(), logger, clock);
  const files = new FollowedFiles({
    patterns,
    roots,
    own: new OwnOutput([]),
    clock,
    tail: {
      resource: new Resource(),
      rotateWaitMs: 1000,
      groupWaitMs: Number.POSITIVE_INFINITY,
      report,
      onChange: () => undefined,
    },
    maxFiles: 100,
    limits: { maxOpenFiles: 100, maxDeletedBytes: 1e9 },
    space: undefined,
    restored: parseState(restored),
    skipsExisting: false,
    onNew: () => undefined,
    onNews: () => undefined,
    onStale: () => undefined,
  });
  t.after(() => files.close(clock.nowMs()));
  return {
    look: async () => {
      await roots.resolve();
      return discovery.look(true);
    },
    reconcile: (listing: Awaited<ReturnType<Discovery['look']>>) => files.reconcile(listing, clock.nowMs()),
    /** What is followed, and from where. */
    get followed(): string[] {
      return Array.from(files.values(), ({ name, offset }) => `${name} ${offset}`).sort();
    },
  };
}

test('ROT-08 a restart follows what was renamed between its first look at the folder and its opening of the file', async (t) => {
  const path = join(temporaryFolder(t), 'app.log');
  writeFileSync(path, 'one\n');
  const first = startFileSource(t, { options: { include: [path] } });
  await first.drain();
  appendFileSync(path, 'two\n');

  const restarted = restoredFiles(t, path, first.section.stored);
  const listing = await restarted.look();
  renameSync(path, `${path}.2`);
  writeFileSync(`${path}.1`, 'three\n');
  writeFileSync(path, 'four\n');
  await restarted.reconcile(listing);
  assert.deepEqual(restarted.followed, ['app.log.2 4']);
  await restarted.reconcile(await restarted.look());
  assert.deepEqual(restarted.followed, ['app.log 0', 'app.log.1 0', 'app.log.2 4']);
});
