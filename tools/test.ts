/**
 * `npm test`: runs the tests that the arguments name (files or folders), or all of them. Fails when a test fails, when
 * nothing ran, and, with PILLION_REQUIRE=1, when something was skipped that this machine could run.
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { spec, type TestEvent } from 'node:test/reporters';
import { findTestFiles, runTestFiles } from './test-run.ts';
import { TestTally } from './test-tally.ts';

/** Far beyond the slowest file on a slow machine: it only ends what hangs. */
const FILE_TIMEOUT_MS = 300_000;

const root = join(import.meta.dirname, '..');

async function* runAndTally(files: readonly string[], tally: TestTally): AsyncGenerator<TestEvent> {
  const startMs = performance.now();
  const limits = { concurrency: availableParallelism(), fileTimeoutMs: FILE_TIMEOUT_MS };
  for await (const report of runTestFiles(root, files, limits)) yield* tally.add(report);
  yield* tally.closingEvents(performance.now() - startMs);
}

async function main(args: readonly string[]): Promise<number> {
  const tally = new TestTally();
  const files = findTestFiles(root, args);
  await pipeline(Readable.from(runAndTally(files, tally)), new spec(), process.stdout, { end: false });
  const { passed, failed, skipped } = tally;
  const failures = tally.failures(process.env['PILLION_REQUIRE'] === '1');
  const lines = [
    '',
    ...tally.describeSkipped(),
    ...failures.map((failure) => `FAILED: ${failure}`),
    `${passed} passed, ${failed} failed, ${skipped.length} skipped`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return failures.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 2;
}
