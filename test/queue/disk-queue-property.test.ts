import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { FakeClock } from '../../src/core/fake-clock.ts';
import { DiskQueue } from '../../src/queue/disk-queue.ts';
import type { QueuePosition } from '../../src/queue/restore-queue.ts';
import { type Fault, FaultyFiles } from '../harness/faulty-files.ts';
import { temporaryFolder } from '../harness/files.ts';
import { QueueLog } from './queue-log.ts';

const MAX_BYTES = 4096;
const LF = 0x0a;

/** What is done to a queue; sizes are in bytes, `fault` hits the system call with that number in its life. */
const action = fc.oneof(
  { weight: 5, arbitrary: fc.record({ append: fc.integer({ min: 1, max: 300 }) }) },
  { weight: 3, arbitrary: fc.record({ read: fc.integer({ min: 1, max: 8 }) }) },
  { weight: 2, arbitrary: fc.constant('settle' as const) },
  { weight: 1, arbitrary: fc.constant('wait' as const) },
  { weight: 1, arbitrary: fc.record({ kill: fc.integer({ min: 0, max: 3 }) }) },
);
const fault = fc.record({
  at: fc.integer({ min: 0, max: 40 }),
  what: fc.constantFrom<Exclude<Fault, undefined>>('die', 'die', 'die_half_way', { fail: 'ENOSPC' }, { fail: 'EIO' }),
});
const life = fc.record({ fault: fc.option(fault, { nil: undefined }), actions: fc.array(action, { maxLength: 14 }) });

/** The queue as one row of bytes, and a real one that must behave like it through all its lives. */
class Model {
  readonly log = new QueueLog();
  /** All that was ever taken; an index is an offset. */
  readonly #all: number[] = [];
  /** Where lives start. */
  readonly #runs = new Set<number>();
  /** What a life committed, oldest first: any of these may be what its checkpoint holds when it dies. */
  #commits: (QueuePosition | undefined)[] = [undefined];
  /** The most that was ever committed. */
  #committed = 0;
  readonly #folder: string;
  #clock = new FakeClock();
  #death = new AbortController();
  #queue: DiskQueue | undefined;
  #readTo: QueuePosition = { run: '', offset: 0 };
  /** What was being added when the life ended. */
  #underWay: number[] = [];
  #next = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async live({ fault, actions }: { fault?: { at: number; what: Fault } | undefined; actions: readonly Action[] }) {
    const files = new FaultyFiles((call, index) => {
      if (fault === undefined || index !== fault.at) return undefined;
      // What fails without a death are writes: a read that fails is damage.
      if (typeof fault.what === 'object' && !/^(?:write|sync) /.test(call)) return undefined;
      if (typeof fault.what !== 'object') this.#death.abort();
      return fault.what;
    });
    let staleBy = 0;
    await this.#start(files);
    for (const action of actions) {
      if (this.#death.signal.aborted || this.#queue === undefined) break;
      if (action === 'settle') this.#settle();
      else if (action === 'wait') await this.#clock.advance(1500);
      else if ('append' in action) await this.#append(action.append);
      else if ('read' in action) await this.#read(action.read);
      else {
        staleBy = action.kill;
        break;
      }
    }
    await this.#end(staleBy);
  }

  /** A life without faults, that delivers everything. */
  async finish(): Promise<void> {
    await this.#start(new FaultyFiles());
    await this.#read(Number.POSITIVE_INFINITY);
    assert.equal(this.#readTo.offset, this.#all.length, 'all that was taken comes out');
    this.#settle();
    await this.#end(0);
    assert.deepEqual(
      readdirSync(this.#folder).filter((name) => name.endsWith('segment')),
      [],
      'what is settled leaves the disk',
    );
  }

  async #start(files: FaultyFiles): Promise<void> {
    this.#clock = new FakeClock();
    this.#death = new AbortController();
    const position = this.#commits.at(-1);
    try {
      const { log: reports } = this;
      const options = { folder: this.#folder, maxBytes: MAX_BYTES, position, clock: this.#clock, reports, files };
      this.#queue = await DiskQueue.open(options);
    } catch (error) {
      assert.ok(this.#death.signal.aborted, String(error));
      return;
    }
    const { start, end } = this.#queue;
    // An entry that was written whole when the process died is there although nobody was told.
    if (end > this.#all.length) this.#all.push(...this.#underWay);
    this.#underWay = [];
    if (end < this.#all.length) this.#forget(end);
    assert.equal(end, this.#all.length);
    const committed = this.#committed;
    assert.ok(start.offset <= committed, 'reading starts at what is not settled, or before');
    if (position?.offset === committed) assert.equal(start.offset, committed, 'nothing that is settled comes again');
    if (start.offset !== position?.offset) {
      const isMidLine = start.offset > 0 && !this.#runs.has(start.offset) && this.#all[start.offset - 1] !== LF;
      assert.equal(start.isMidLine, isMidLine);
    }
    this.#runs.add(end);
    this.#readTo = start;
  }

  /** Where nothing is left on disk, an old checkpoint alone says how far the offsets went. */
  #forget(end: number): void {
    assert.equal(this.#committed, this.#all.length, 'only what is settled is forgotten');
    this.#all.length = end;
    this.#committed = end;
    for (const run of this.#runs) if (run > end) this.#runs.delete(run);
  }

  async #append(length: number): Promise<void> {
    const queue = this.#queue!;
    const bytes = Array.from({ length }, () => (this.#next++ % 7 === 0 ? LF : 0x61 + (this.#next % 26)));
    if (queue.diskBytes + length + 100 > MAX_BYTES) {
      await this.#read(Number.POSITIVE_INFINITY);
      this.#settle();
    }
    this.#underWay = bytes;
    let isDone = false;
    const adding = queue.append(Uint8Array.from(bytes), this.#death.signal).finally(() => (isDone = true));
    while (!isDone) {
      if (this.#clock.sleeping > 0) await this.#clock.advance(500);
      await new Promise(setImmediate);
    }
    if ((await adding) === 0) return;
    this.#all.push(...bytes);
    this.#underWay = [];
    assert.ok(queue.diskBytes <= MAX_BYTES);
  }

  async #read(times: number): Promise<void> {
    for (let i = 0; i < times && !this.#death.signal.aborted; i++) {
      const read = await this.#queue!.read().catch((error: unknown) => {
        assert.ok(this.#death.signal.aborted, String(error));
        return { kind: 'nothing' } as const;
      });
      // After its death a process reads nothing: what it finds damaged is its own end.
      if (read.kind === 'nothing' || this.#death.signal.aborted) return;
      if (read.kind === 'break') {
        assert.ok(this.#runs.has(read.end.offset), 'a break is where a life starts');
        assert.equal(read.end.offset, this.#readTo.offset);
      } else {
        const start = this.#readTo.offset;
        assert.equal(read.end.offset, start + read.bytes.length);
        assert.deepEqual([...read.bytes], this.#all.slice(start, read.end.offset));
      }
      this.#readTo = read.end;
    }
  }

  #settle(): void {
    this.#commits.push(this.#readTo);
    this.#committed = Math.max(this.#committed, this.#readTo.offset);
    this.#queue?.release(this.#readTo.offset);
  }

  async #end(staleBy: number): Promise<void> {
    await this.#queue?.close().catch(() => undefined);
    this.#queue = undefined;
    this.#commits = this.#commits.slice(0, Math.max(1, this.#commits.length - staleBy));
  }
}

type Action = typeof action extends fc.Arbitrary<infer Value> ? Value : never;

test('DiskQueue gives all it took, in order, through any deaths, faults and old checkpoints', async (t) => {
  const parent = temporaryFolder(t);
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(life, { maxLength: 5 }), async (lives) => {
      const model = new Model(join(parent, String(run++)));
      for (const life of lives) await model.live(life);
      await model.finish();
    }),
    { numRuns: 60 },
  );
});
