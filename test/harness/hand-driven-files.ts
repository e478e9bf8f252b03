import { dirname } from 'node:path';
import { FakeClock } from '../../src/core/fake-clock.ts';
import { Resource } from '../../src/core/resource.ts';
import { AllowedRoots } from '../../src/sources/file/allowed-roots.ts';
import { Discovery, type Listing } from '../../src/sources/file/discovery.ts';
import { FollowedFiles } from '../../src/sources/file/followed-files.ts';
import { OwnOutput } from '../../src/sources/file/own-output.ts';
import { Patterns } from '../../src/sources/file/patterns.ts';
import { SourceReport } from '../../src/sources/file/source-report.ts';
import { parseState } from '../../src/sources/file/stream-entry.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import type { Cleanup } from './cleanup.ts';
import { sourceLedger } from './ledger.ts';

const NO_ORIGIN = { resource: new Resource() };

/** The files of a source without the source: a test decides what happens between the parts of a look. Reads nothing. */
export class HandDrivenFiles {
  readonly clock = new FakeClock();
  readonly metrics = new Metrics();
  readonly files: FollowedFiles;
  readonly #roots: AllowedRoots;
  readonly #discovery: Discovery;

  /** `restored`: what the last life stored. */
  constructor(include: readonly string[], restored?: unknown) {
    const { clock, metrics } = this;
    const folders = include.map((path) => dirname(path));
    const patterns = new Patterns(include, []);
    const logger = createLogger({ level: 'silent', pretty: false, stream: process.stderr });
    this.#roots = new AllowedRoots(folders, []);
    this.#discovery = new Discovery({ patterns, roots: this.#roots, clock, maxFiles: 100 });
    this.files = new FollowedFiles({
      patterns,
      roots: this.#roots,
      own: new OwnOutput([]),
      clock,
      encoding: 'utf-8',
      maxFiles: 100,
      limits: { maxOpenFiles: 100, maxDeletedBytes: 1e9 },
      removal: { space: undefined, removeAfterMs: undefined },
      left: [],
      tail: {
        originOf: () => NO_ORIGIN,
        rotateWaitMs: 1_000,
        groupWaitMs: Number.POSITIVE_INFINITY,
        report: new SourceReport(sourceLedger('app', metrics), metrics, logger, clock),
        onChange: () => undefined,
      },
      restored: parseState(restored),
      skipsExisting: false,
      onNew: () => undefined,
      onNews: () => undefined,
      onStale: () => undefined,
    });
  }

  /** Lists the folders. */
  async list(): Promise<Listing> {
    await this.#roots.resolve();
    return this.#discovery.look(true);
  }

  /** What the listing leads to. */
  reconcile(listing: Listing): Promise<void> {
    return this.files.reconcile(listing, this.clock.nowMs());
  }

  /** What comes after that in a look: compressed files that are known by now, then every file. */
  async examine(): Promise<void> {
    const nowMs = this.clock.nowMs();
    this.files.advance(nowMs, false);
    for (const file of [...this.files.values()]) {
      file.examine(nowMs);
      if (file.isFinished(nowMs)) this.files.finish(file);
    }
    await this.files.settle(nowMs);
  }

  /** A whole look, some time after the last one. */
  async look(afterMs = 250): Promise<void> {
    await this.clock.advance(afterMs);
    await this.reconcile(await this.list());
    await this.examine();
  }

  /** What is followed, and where it goes on. */
  get followed(): string[] {
    return Array.from(this.files.values(), ({ name, offset }) => `${name} ${offset}`).sort();
  }
}

/** The same, closed after the test. */
export function handDrivenFiles(t: Cleanup, include: readonly string[], restored?: unknown): HandDrivenFiles {
  const driven = new HandDrivenFiles(include, restored);
  t.after(() => driven.files.close(driven.clock.nowMs()));
  return driven;
}
