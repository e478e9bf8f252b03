import { globSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { run } from 'node:test';
import type { TestEvent } from 'node:test/reporters';

/**
 * The test files that `args` name, relative to `root`: a file is itself, a folder all test files in it, no argument all
 * of `test/` but the benchmarks. Sorted. Throws an Error that names the first argument that holds no test file.
 */
export function findTestFiles(root: string, args: readonly string[]): string[] {
  if (args.length === 0) return testFilesIn(root, 'test').filter((path) => !path.startsWith('test/bench/'));
  const files = args.flatMap((arg) => {
    const isFolder = statSync(resolve(root, arg), { throwIfNoEntry: false })?.isDirectory() ?? false;
    const found = isFolder ? testFilesIn(root, arg) : globSync(arg, { cwd: root });
    if (found.length === 0) throw new Error(`Cannot run ${JSON.stringify(arg)}: no test file there`);
    return found;
  });
  return [...new Set(files)].sort();
}

function testFilesIn(root: string, folder: string): string[] {
  return globSync(join(folder, '**/*.test.ts'), { cwd: root }).sort();
}

/** Everything that the runner said about one file, in order. */
export interface FileReport {
  readonly file: string;
  readonly events: readonly TestEvent[];
}

/**
 * Runs each file in a process of its own, up to `concurrency` at a time, and yields their reports as they end.
 *
 * A file that has not ended after `fileTimeoutMs` fails: `run()` puts its time limit on each test, so a file whose tests
 * are over but that holds a socket open would hang for ever; hence a run and a signal for each file.
 */
export async function* runTestFiles(
  root: string,
  files: readonly string[],
  limits: { readonly concurrency: number; readonly fileTimeoutMs: number },
): AsyncGenerator<FileReport> {
  const waiting = [...files];
  const running = new Map<string, Promise<FileReport>>();
  for (;;) {
    while (running.size < limits.concurrency && waiting.length > 0) {
      const file = waiting.shift()!;
      running.set(file, runTestFile(root, file, limits.fileTimeoutMs));
    }
    if (running.size === 0) return;
    const report = await Promise.race(running.values());
    running.delete(report.file);
    yield report;
  }
}

async function runTestFile(root: string, file: string, timeoutMs: number): Promise<FileReport> {
  const events: TestEvent[] = [];
  for await (const event of run({ cwd: root, files: [file], signal: AbortSignal.timeout(timeoutMs) })) {
    events.push(event as TestEvent);
  }
  return { file, events };
}
