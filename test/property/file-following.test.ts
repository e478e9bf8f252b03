import assert from 'node:assert/strict';
import { appendFileSync, existsSync, linkSync, readdirSync, renameSync, rmSync, statSync, truncateSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { HEAD_BYTES } from '../../src/checkpoint/file-identity.ts';
import { FakeClock } from '../../src/core/fake-clock.ts';
import { SLOW_READ_MS } from '../../src/sources/file/turn-queue.ts';
import { type RunningFileSource, startFileSource, until } from '../harness/files.ts';
import { LogFolder } from '../harness/log-folder.ts';

const POLL_MS = 500;
/** Longer than the steps of the time stamps of any file system on which this runs. */
const TICK_MS = 12;
/** Long, so that only the test decides when a file has been silent for long enough. */
const ROTATE_WAIT_MS = 600_000;

/** What can happen to the folder, and to the agent. */
const action = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('write' as const), lines: fc.integer({ min: 1, max: 30 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('rotate' as const), isEmpty: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('copy_truncate' as const),
      isRead: fc.boolean(),
      linesBetween: fc.integer({ min: 0, max: 3 }),
      linesAfter: fc.integer({ min: 0, max: 40 }),
    }),
  },
  ...(
    ['look', 'read', 'late', 'finish', 'restart', 'stop', 'delete', 'truncate', 'link', 'swap', 'prune'] as const
  ).map((kind) => ({ weight: 1, arbitrary: fc.record({ kind: fc.constant(kind) }) })),
);

type Action = typeof action extends fc.Arbitrary<infer Value> ? Value : never;

/** Only looks sleep on it, so one that sleeps has come to its end. No read is slow. */
class LookClock extends FakeClock {
  override sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms !== SLOW_READ_MS) return super.sleep(ms, signal);
    return new Promise((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
  }
}

/** An application, its rotation, and an agent that may be down. */
class World {
  readonly logs: LogFolder;
  readonly delivered: string[] = [];
  /** How many lines may come twice: those of copies that are shorter than a head. */
  repeats = 0;
  /** What the books call gone. */
  goneBytes = 0;
  readonly #clock = new LookClock();
  readonly #t: TestContext;
  readonly #glob: string;
  #source: RunningFileSource | undefined;
  #stored: unknown;
  #books: unknown;
  /** Inodes that the agent has read since it was started, and how far. */
  readonly #read = new Map<number, number>();
  readonly #copies = new Set<number>();
  #links = 0;

  constructor(t: TestContext, glob: string) {
    this.#t = t;
    this.#glob = glob;
    this.logs = new LogFolder(t);
  }

  async do(action: Action): Promise<void> {
    const { logs } = this;
    switch (action.kind) {
      case 'write':
        logs.write(action.lines);
        break;
      case 'rotate':
        logs.rotate(99);
        if (!action.isEmpty) logs.write(1);
        break;
      case 'late':
        // Whoever still has the file open writes on; nobody has a copy open.
        if (existsSync(logs.at('app.log.1')) && !this.#isCopy('app.log.1')) logs.write(1, 'app.log.1');
        break;
      case 'look':
        await this.#look();
        break;
      case 'read':
        await this.readAll();
        break;
      case 'finish':
        // What was renamed is closed. A name that nobody takes for minutes is no longer searched for.
        this.#existing();
        await this.readAll();
        await this.#clock.advance(ROTATE_WAIT_MS);
        await this.#look();
        await this.#look();
        break;
      case 'restart':
        await this.stop();
        this.start();
        break;
      case 'stop':
        await this.stop();
        break;
      case 'copy_truncate':
        if (!this.#isCopy()) await this.#copyAndTruncate(action);
        break;
      case 'truncate':
        // Without a copy, only what was read may go; of a copy nobody knows whether it was.
        if (this.#isCopy()) break;
        await this.readAll();
        this.#truncate(this.#existing());
        break;
      case 'delete':
        await this.#delete();
        break;
      case 'link':
        linkSync(this.#existing(), logs.at(`app.log.link-${this.#links++}`));
        break;
      case 'swap':
        // No rotation gives an old file its first name again, so the younger one must be known by then.
        await this.readAll();
        if (!existsSync(logs.at('app.log.1'))) break;
        renameSync(this.#existing(), logs.at('swapped'));
        renameSync(logs.at('app.log.1'), logs.path);
        renameSync(logs.at('swapped'), logs.at('app.log.1'));
        break;
      case 'prune':
        // Its inodes are given to new files.
        await this.do({ kind: 'finish' });
        for (const name of readdirSync(logs.folder).filter((name) => /\.\d+$/.test(name))) {
          this.#copies.delete(statSync(logs.at(name)).ino);
          rmSync(logs.at(name));
        }
        this.#read.clear();
        await this.#look();
        break;
      default:
        action satisfies never;
    }
  }

  start(): RunningFileSource {
    const options = {
      include: [this.logs.at(this.#glob)],
      poll_interval: `${POLL_MS}ms`,
      rotate_wait: `${ROTATE_WAIT_MS}ms`,
    };
    this.#source ??= startFileSource(this.#t, {
      options,
      restored: this.#stored,
      books: this.#books,
      clock: this.#clock,
    });
    return this.#source;
  }

  async stop(): Promise<void> {
    if (this.#source === undefined) return;
    await this.#source.stop();
    this.#keep(this.#source);
  }

  /** Reads everything as at SIGTERM. */
  async drain(): Promise<void> {
    const source = this.start();
    await source.drain();
    this.#keep(source);
  }

  /** Looks until every line that was written has been read. */
  async readAll(): Promise<void> {
    const source = this.start();
    await until(
      'every line has been read',
      async () => {
        await this.#look();
        const read = new Set([...this.delivered, ...source.bodies]);
        return this.logs.written.every((line) => read.has(line));
      },
      2_000,
    );
    for (const name of readdirSync(this.logs.folder)) {
      const { ino, size } = statSync(this.logs.at(name));
      this.#read.set(ino, size);
    }
  }

  #keep(source: RunningFileSource): void {
    this.delivered.push(...source.bodies);
    this.#stored = source.section.stored;
    this.#books = JSON.parse(JSON.stringify(source.ledger.toStored()));
    this.goneBytes += source.sum('pillion_source_gone_bytes_total');
    this.#source = undefined;
    this.#read.clear();
  }

  async #look(): Promise<void> {
    this.start();
    await this.#clock.untilSleeping();
    await this.#clock.advance(POLL_MS);
    await this.#clock.untilSleeping();
    // Between two looks of an agent time stamps move on.
    const { logs } = this;
    const paths = [logs.folder, ...readdirSync(logs.folder).map((name) => logs.at(name))];
    const changedMs = Math.max(...paths.map((path) => statSync(path).ctimeMs));
    await until('time stamps move on', () => Date.now() - changedMs > TICK_MS);
  }

  async #copyAndTruncate(action: Action & { kind: 'copy_truncate' }): Promise<void> {
    const { logs } = this;
    const readBytes = this.#read.get(statSync(this.#existing()).ino) ?? 0;
    // The copy of a file of which less than a head was read is not recognized.
    if (readBytes < HEAD_BYTES || action.isRead || action.linesBetween > 0) await this.readAll();
    const { size } = statSync(logs.path);
    logs.copy(99);
    this.#copies.add(statSync(logs.at('app.log.1')).ino);
    // Nor is one, without having been seen before, that is shorter than what was read: a rename makes it a candidate.
    const isTooShort = size < HEAD_BYTES || (action.linesBetween > 0 && this.#glob === 'app.log');
    if (isTooShort) this.repeats += size / 64;
    if (action.linesBetween > 0) {
      await this.#look();
      logs.write(action.linesBetween);
      await this.readAll();
    }
    this.#truncate(logs.path);
    if (action.linesBetween > 0) await this.#look();
    if (action.linesAfter > 0) logs.write(action.linesAfter);
  }

  #truncate(path: string): void {
    truncateSync(path);
    this.#read.delete(statSync(path).ino);
  }

  async #delete(): Promise<void> {
    const { logs } = this;
    // What the agent has never opened is lost with its name.
    logs.write(1);
    await this.readAll();
    const { ino } = statSync(logs.path);
    logs.write(2);
    rmSync(logs.path);
    this.#read.delete(ino);
    // It is read by its handle, which a restart would lose.
    await this.readAll();
  }

  #isCopy(name = 'app.log'): boolean {
    const stats = statSync(this.logs.at(name), { throwIfNoEntry: false });
    return stats !== undefined && this.#copies.has(stats.ino);
  }

  /** The path of a log that is there. */
  #existing(): string {
    if (!existsSync(this.logs.path)) appendFileSync(this.logs.path, '');
    return this.logs.path;
  }
}

for (const glob of ['app.log', 'app.log*']) {
  test(`IDN-10 ROT-09 any mix of writes, rotations, copies, truncations, deletions, links and restarts delivers every line, for ${glob}`, async (t) => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 25 }), async (actions) => {
        const world = new World(t, glob);
        world.logs.write(1);
        await world.readAll();
        for (const action of actions) await world.do(action);
        await world.drain();
        const { delivered, repeats } = world;
        const written = new Set(world.logs.written);
        const taken = new Set(delivered);
        assert.deepEqual(
          [...written].filter((line) => !taken.has(line)),
          [],
          'lost',
        );
        assert.deepEqual(
          [...taken].filter((line) => !written.has(line)),
          [],
          'invented',
        );
        const twice = delivered.filter((line, i) => delivered.indexOf(line) !== i);
        assert.equal(world.goneBytes, 0, 'gone');
        assert.ok(twice.length <= repeats, `${twice.length} twice, ${repeats} allowed: ${twice.join()}`);
      }),
      { numRuns: 25 },
    );
  });
}
