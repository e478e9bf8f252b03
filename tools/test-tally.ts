import type { TestEvent } from 'node:test/reporters';
import type { FileReport } from './test-run.ts';

/** A test that did not run. */
export interface SkippedTest {
  readonly file: string;
  readonly name: string;
  readonly reason: string;
}

/** A reason that begins so is always allowed: no change of this machine would make the test run. */
const PLATFORM_REASON = 'platform:';

/** What the reports of many files add up to. */
export class TestTally {
  passed = 0;
  /** Failed tests, and files and suites that failed for themselves: a syntax error, a time-out. */
  failed = 0;
  todo = 0;
  suites = 0;
  readonly skipped: SkippedTest[] = [];
  /** Files that hold no test: a table that came out empty, or a condition around everything. */
  readonly emptyFiles: string[] = [];

  /** Adds a file and returns its events without the runner's closing lines, which come once for all files. */
  add({ file, events }: FileReport): TestEvent[] {
    let results = 0;
    for (const event of events) {
      if (event.type !== 'test:pass' && event.type !== 'test:fail') continue;
      // The runner reports a file in which no test ran as one passed test that has the file's name.
      if (event.type === 'test:pass' && event.data.name === file) continue;
      results++;
      this.#addResult(file, event);
    }
    if (results === 0) this.emptyFiles.push(file);
    return events.filter(
      (event) => event.type !== 'test:summary' && !(event.type === 'test:diagnostic' && event.data.file === undefined),
    );
  }

  #addResult(file: string, event: Extract<TestEvent, { type: 'test:pass' | 'test:fail' }>): void {
    const { name, skip, todo, details } = event.data;
    const isSuite = details.type === 'suite';
    if (isSuite) this.suites++;
    if (skip !== undefined && skip !== false) {
      this.skipped.push({ file, name, reason: typeof skip === 'string' ? skip : 'no reason given' });
    } else if (todo !== undefined && todo !== false) {
      this.todo++;
    } else if (event.type === 'test:pass') {
      if (!isSuite) this.passed++;
    } else if (!isSuite || failureTypeOf(event) !== 'subtestsFailed') {
      this.failed++;
    }
  }

  /**
   * Why the whole run is a failure, a sentence each; none: it is a success. With `mustRunAll`, a test that was skipped
   * for want of something that could be installed is a failure too.
   */
  failures(mustRunAll: boolean): string[] {
    const reasons: string[] = [];
    if (this.failed > 0) reasons.push(`${this.failed} of ${this.passed + this.failed} tests failed.`);
    if (this.passed + this.failed === 0) reasons.push('No test ran.');
    for (const file of this.emptyFiles) reasons.push(`${file} holds no test.`);
    const forbidden = this.skipped.filter(({ reason }) => !reason.startsWith(PLATFORM_REASON)).length;
    if (mustRunAll && forbidden > 0) {
      reasons.push(`${forbidden} skipped, and PILLION_REQUIRE allows that for reasons of the platform only.`);
    }
    return reasons;
  }

  /** The lines with which the runner closes, for all files together. */
  closingEvents(durationMs: number): TestEvent[] {
    const lines = [
      `tests ${this.passed + this.failed + this.skipped.length + this.todo}`,
      `suites ${this.suites}`,
      `pass ${this.passed}`,
      `fail ${this.failed}`,
      `skipped ${this.skipped.length}`,
      `todo ${this.todo}`,
      `duration_ms ${Math.round(durationMs)}`,
    ];
    return lines.map(
      (message) => ({ type: 'test:diagnostic', data: { message, nesting: 0, level: 'info' } }) as TestEvent,
    );
  }

  /** What was skipped, grouped by reason, as lines for a person. */
  describeSkipped(): string[] {
    return [...Map.groupBy(this.skipped, ({ reason }) => reason)].flatMap(([reason, tests]) => [
      `${tests.length} skipped: ${reason}`,
      ...new Set(tests.map(({ file }) => `    ${file}`)),
    ]);
  }
}

function failureTypeOf(event: Extract<TestEvent, { type: 'test:fail' }>): unknown {
  return (event.data.details.error as { failureType?: unknown }).failureType;
}
