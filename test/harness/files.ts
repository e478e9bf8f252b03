import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { TestContext } from 'node:test';
import { checkOptions } from '../../src/component/check-options.ts';
import { type Clock, SystemClock } from '../../src/core/clock.ts';
import {
  type CheckpointSection,
  JsonText,
  type Legacy,
  type SectionWrites,
  type Source,
  type Standpoint,
} from '../../src/core/contracts.ts';
import { FakeClock } from '../../src/core/fake-clock.ts';
import { KeyTable } from '../../src/core/key-table.ts';
import { Resource } from '../../src/core/resource.ts';
import { SourceLedger } from '../../src/ledger/source-ledger.ts';
import { fileSource } from '../../src/sources/file/index.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import type { MetricName } from '../../src/telemetry/metric-names.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import type { Cleanup } from './cleanup.ts';
import { MemoryOutput, type MemoryOutputOptions } from './output.ts';

/** A folder that is gone after the test; in memory where there are thousands of files to write. */
export function temporaryFolder(t: Cleanup, where: 'disk' | 'memory' = 'disk'): string {
  const parent = where === 'memory' && existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
  const folder = mkdtempSync(join(parent, 'pillion-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Far longer than anything takes on a busy machine: what hangs is to be named. */
const MAX_WAIT_MS = 30_000;

/** Resolves once the condition holds; rejects, naming it, when it does not within `timeoutMs`. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = MAX_WAIT_MS,
): Promise<void> {
  const endMs = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error(`Waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** A section of a checkpoint in memory. */
export class MemorySection implements CheckpointSection {
  readonly restored: unknown;
  touches = 0;
  #snapshot: () => unknown = () => undefined;
  #writes: SectionWrites | undefined;

  constructor(restored?: unknown) {
    this.restored = restored;
  }

  provide(snapshot: () => unknown, writes?: SectionWrites): void {
    this.#snapshot = snapshot;
    this.#writes = writes;
  }

  /** Writes it, which succeeds. */
  write(): void {
    this.#writes?.begin();
    this.#writes?.end();
  }

  touch(): void {
    this.touches++;
  }

  /** What would be in the file now. */
  get stored(): unknown {
    const content = this.#snapshot() ?? null;
    return JSON.parse(content instanceof JsonText ? content.text : JSON.stringify(content)) as unknown;
  }
}

/** How to start a file source. */
export interface FileSourceSetup {
  /** As in a configuration. */
  readonly options: Readonly<Record<string, unknown>>;
  /** What the last life stored; undefined: the first start. */
  readonly restored?: unknown;
  /** The books that the last life stored. */
  readonly books?: unknown;
  readonly clock?: Clock;
  readonly output?: MemoryOutputOptions;
  /** How many readers the source has; this is one of them. */
  readonly readers?: number;
  /** What another source left, whose place this one takes, and the books of that one. */
  readonly predecessor?: { readonly legacy: Legacy; readonly ledger: SourceLedger };
}

/** The one way of its records. */
export const ROUTE = 'logs/backend';

/** A running file source with everything that a test wants to look at. */
export class RunningFileSource {
  readonly output: MemoryOutput;
  readonly section: MemorySection;
  readonly metrics = new Metrics();
  readonly ledger: SourceLedger;
  /** Lines of the own log. */
  readonly log: Record<string, unknown>[] = [];
  readonly ended: Promise<void>;
  readonly #source: Source;
  readonly #clock: Clock;
  readonly #drain = new AbortController();
  readonly #stop = new AbortController();

  constructor(setup: FileSourceSetup) {
    const { options, restored, books, clock = new SystemClock(), output, readers = 1, predecessor } = setup;
    const keys = new KeyTable();
    this.#clock = clock;
    const { metrics } = this;
    this.ledger =
      predecessor?.ledger ?? new SourceLedger({ source: 'app', routes: [ROUTE], metrics, clock, stored: books });
    this.output = new MemoryOutput({ ...output, keys });
    this.section = new MemorySection(restored);
    const checked = checkOptions(fileSource.options, { poll_interval: '10ms', ...options }, []);
    if (!checked.ok) throw new Error(checked.errors.map(({ message }) => message).join('; '));
    const stream = new Writable({
      write: (chunk, _encoding, done) => {
        this.log.push(JSON.parse(String(chunk)) as Record<string, unknown>);
        done();
      },
    });
    this.#source = fileSource.build(checked.options, {
      name: 'app',
      clock,
      logger: createLogger({ level: 'debug', pretty: false, stream }),
      metrics: this.metrics,
      userAgent: 'pillion/0',
      keys,
      readers,
      resource: new Resource(),
      writtenAttributes: new Map(),
      ledger: this.ledger,
      checkpoint: this.section,
      predecessor: predecessor?.legacy,
    });
    this.ended = this.#source.run(this.output, { drain: this.#drain.signal, stop: this.#stop.signal });
    // A test that fails early must not report this instead.
    this.ended.catch(() => undefined);
  }

  get hasStarted(): boolean {
    return this.#source.hasStarted === true;
  }

  get bodies(): string[] {
    return this.output.bodies;
  }

  /** The sum of a metric over the series that have all these labels. */
  sum(name: MetricName, labels?: Record<string, string>): number {
    return this.metrics.sum(name, labels);
  }

  /** Messages of the own log. */
  get messages(): unknown[] {
    return this.log.map(({ msg }) => msg);
  }

  /** Waits until `count` records were sent. */
  async sent(count: number): Promise<void> {
    await until(`${count} records were sent`, () => this.output.records.length >= count);
  }

  /** Reads everything to its end, as at SIGTERM. */
  async drain(): Promise<void> {
    this.#drain.abort();
    const clock = this.#clock;
    if (clock instanceof FakeClock) {
      // It pauses between two looks.
      let isEnded = false;
      const onEnd = (): void => {
        isEnded = true;
      };
      this.ended.then(onEnd, onEnd);
      await until('it has drained', async () => {
        await clock.advance(250);
        return isEnded;
      });
    }
    await this.ended;
    this.#assertBalanced();
  }

  /** Ends for another source. */
  async leave(from: Standpoint): Promise<{ readonly legacy: Legacy; readonly ledger: SourceLedger }> {
    const bequeath = this.#source.bequeath!();
    this.#drain.abort();
    this.#stop.abort();
    await this.ended;
    const legacy = await bequeath(from);
    this.ledger.leavePlaces();
    if (from === 'committed') this.ledger.reopen();
    return { legacy, ledger: this.ledger };
  }

  /** Ends at once. */
  async stop(): Promise<void> {
    this.#drain.abort();
    this.#stop.abort();
    await this.ended;
    this.#assertBalanced();
  }

  /** After every scenario, every byte that was seen is explained (LED-01). */
  #assertBalanced(): void {
    for (const { name, seenBytes, unreadBytes, unaccountedBytes } of this.ledger.accounts()) {
      assert.equal(unaccountedBytes, 0, `of ${seenBytes} bytes seen in ${name}, of which ${unreadBytes} are unread`);
    }
  }
}

/** Starts a file source that is stopped after the test at the latest. */
export function startFileSource(t: TestContext, setup: FileSourceSetup): RunningFileSource {
  const running = new RunningFileSource(setup);
  t.after(() => running.stop());
  return running;
}
