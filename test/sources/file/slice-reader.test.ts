import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, realpathSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import { FakeClock } from '../../../src/core/fake-clock.ts';
import { KeyTable } from '../../../src/core/key-table.ts';
import { RecordFlag } from '../../../src/core/record-batch.ts';
import { Resource } from '../../../src/core/resource.ts';
import { Framings } from '../../../src/framing/framings.ts';
import { AbsentStreams } from '../../../src/sources/file/absent-streams.ts';
import { Admission } from '../../../src/sources/file/admission.ts';
import { AllowedRoots } from '../../../src/sources/file/allowed-roots.ts';
import { FileFramings } from '../../../src/sources/file/file-framings.ts';
import { OwnOutput } from '../../../src/sources/file/own-output.ts';
import { SliceReader } from '../../../src/sources/file/slice-reader.ts';
import { SourceReport } from '../../../src/sources/file/source-report.ts';
import { encodeState, parseState, type StreamEntry } from '../../../src/sources/file/stream-entry.ts';
import { TailedFile } from '../../../src/sources/file/tailed-file.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';
import { Metrics } from '../../../src/telemetry/metrics.ts';
import { sourceLedger } from '../../harness/ledger.ts';
import { MemoryOutput } from '../../harness/output.ts';

const NO_ORIGIN = { resource: new Resource() };

const never = new AbortController().signal;

/** One file that is read by turns, in as many lives as a test wants. */
class OneFile {
  readonly root: string;
  readonly path: string;
  readonly output: MemoryOutput;
  readonly metrics = new Metrics();
  readonly ledger = sourceLedger('app', this.metrics);
  readonly cuts: string[] = [];
  readonly #maxRecordBytes: number;
  readonly #encoding: string;
  readonly #keys = new KeyTable();
  #file: TailedFile | undefined;

  constructor(maxRecordBytes: number, leases: 'at_once' | 'held' = 'at_once', encoding = 'utf-8') {
    this.#encoding = encoding;
    this.root = mkdtempSync(join(realpathSync(tmpdir()), 'pillion-test-'));
    this.path = join(this.root, 'app.log');
    this.output = new MemoryOutput({ keys: this.#keys, leases });
    this.#maxRecordBytes = maxRecordBytes;
    writeFileSync(this.path, '');
  }

  get file(): TailedFile {
    return this.#file!;
  }

  /** Starts a life, with what the last one stored. */
  async start(restored: readonly StreamEntry[] = []): Promise<void> {
    const absent = new AbsentStreams(this.ledger);
    for (const entry of restored) absent.add(entry);
    const report = this.report();
    const options = { home: this.path, kind: 'following', skipsToEnd: false, isKnownOnly: false } as const;
    const roots = new AllowedRoots([this.root], []);
    await roots.resolve();
    const admission = new Admission({
      absent,
      report,
      clock: new FakeClock(),
      roots,
      own: new OwnOutput([]),
      encoding: this.#encoding,
      isFollowed: () => false,
      isExcluded: () => false,
      onNoHandle: () => undefined,
      takeCompressed: () => Promise.resolve(undefined),
    });
    const { dev, ino } = statSync(this.path, { bigint: true });
    const admitted = await admission.open({ path: this.path, key: `${dev}:${ino}`, version: '' }, options);
    assert.ok(typeof admitted !== 'string');
    if (admitted.replaces !== undefined) absent.delete(admitted.replaces.key);
    this.#file = new TailedFile(admitted.start, {
      originOf: () => NO_ORIGIN,
      rotateWaitMs: 0,
      groupWaitMs: Number.POSITIVE_INFINITY,
      report,
      onChange: () => undefined,
      onCut: (_file, _generation, cause) => void this.cuts.push(cause),
    });
  }

  /** What a checkpoint would hold, through JSON and back. */
  stored(): readonly StreamEntry[] {
    const state = encodeState({ streams: [this.file.toEntry()], searches: [], lost: [] });
    return parseState(JSON.parse(JSON.stringify(state))).streams;
  }

  /** Takes turns until there is nothing new; `sliceBytes` are the sizes of the reads, over and over. */
  async readAll(sliceBytes: readonly number[] = [], isFinal = false): Promise<void> {
    const reader = this.reader();
    this.file.examine(0);
    for (let turn = 0; this.file.wantsTurn(0, isFinal); turn++) {
      assert.ok(turn < 1000, 'the turns do not end');
      const size = sliceBytes[turn % sliceBytes.length];
      if (size !== undefined) this.file.generation.sliceBytes = size;
      const batch = await this.output.rent(this.file.stream, never);
      assert.ok(
        await reader.turn(this.file, batch, this.output, { isFinal: () => isFinal, isQuiet: () => false, stop: never }),
      );
    }
  }

  reader(): SliceReader {
    return new SliceReader({
      framings: new FileFramings(
        new Framings({ maxRecordBytes: this.#maxRecordBytes, grouping: undefined, keys: this.#keys }),
        'plain',
        this.#encoding,
      ),
      maxRecordBytes: this.#maxRecordBytes,
      hasFilePath: false,
      keys: this.#keys,
      report: this.report(),
      onCompressed: () => undefined,
    });
  }

  report(): SourceReport {
    const stream = new Writable({ write: (_chunk, _encoding, done) => done() });
    return new SourceReport(
      this.ledger,
      this.metrics,
      createLogger({ level: 'silent', pretty: false, stream }),
      new FakeClock(),
    );
  }

  records() {
    return this.output.records.map(({ body, flags }) => ({ body, flags }));
  }

  [Symbol.dispose](): void {
    this.#file?.close();
    rmSync(this.root, { recursive: true });
  }
}

/** Bytes of a file in which line ends and broken sequences are frequent. */
const content = fc
  .array(fc.constantFrom(0, 0, 0, 0x0a, 0x0a, 0x0d, 0x61, 0x62, 0xe2, 0x82, 0xac, 0xc3, 0xff), { maxLength: 80 })
  .map((bytes) => Buffer.from(bytes));

interface Step {
  readonly appended: number;
  readonly slices: readonly number[];
  readonly restarts: boolean;
}

const steps = fc.array(
  fc.record({
    appended: fc.integer({ min: 0, max: 30 }),
    slices: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 3 }),
    restarts: fc.boolean(),
  }),
  { maxLength: 6 },
);

/** Reads `bytes` in one go. */
async function readWhole(bytes: Buffer, maxRecordBytes: number, encoding: string) {
  using one = new OneFile(maxRecordBytes, 'at_once', encoding);
  writeFileSync(one.path, bytes);
  await one.start();
  await one.readAll([], true);
  return { records: one.records(), entry: { ...one.file.toEntry(), id: '', key: '', path: '', home: '', bornNs: 0n } };
}

for (const { encoding, numRuns } of [
  { encoding: 'utf-8', numRuns: 120 },
  { encoding: 'utf-16le', numRuns: 50 },
  { encoding: 'utf-16be', numRuns: 50 },
  { encoding: 'gbk', numRuns: 30 },
]) {
  const title = `LIN-03 turn() gives the same records and offsets of ${encoding} however a file grows, is read, and the agent restarts`;
  test(title, async () => {
    const property = async (bytes: Buffer, steps: readonly Step[], maxRecordBytes: number): Promise<void> => {
      using one = new OneFile(maxRecordBytes, 'at_once', encoding);
      await one.start();
      let written = 0;
      for (const { appended, slices, restarts } of steps) {
        appendFileSync(one.path, bytes.subarray(written, written + appended));
        written += appended;
        await one.readAll(slices);
        if (!restarts) continue;
        const stored = one.stored();
        one.file.close();
        await one.start(stored);
      }
      appendFileSync(one.path, bytes.subarray(written));
      await one.readAll([3, 1], true);
      const entry = { ...one.file.toEntry(), id: '', key: '', path: '', home: '', bornNs: 0n };
      assert.deepEqual({ records: one.records(), entry }, await readWhole(bytes, maxRecordBytes, encoding));
    };
    // NULs within a line, which were looked behind while the file ended with others.
    const nuls: [Buffer, Step[], number] = [
      Buffer.from([0, 255, 0, 0, 195, 0, 0]),
      [1, 2, 1, 2, 1].map((appended) => ({ appended, slices: [1], restarts: false })),
      4,
    ];
    // NULs that a character follows whose first byte is one, where a read ends behind that.
    const half: [Buffer, Step[], number] = [Buffer.from([0, 10, 0, 0, 0, 0, 0, 195]), [], 3];
    const limits = { numRuns, examples: [nuls, half] };
    await fc.assert(fc.asyncProperty(content, steps, fc.integer({ min: 2, max: 8 }), property), limits);
  });
}

test('turn() repeats nothing but what was not settled, when the agent was killed', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.stringMatching(/^[a-z]{0,6}$/), { maxLength: 30 }),
      fc.array(fc.boolean()),
      async (texts, settled) => {
        const lines = texts.map((text, i) => `${i}${text}\n`);
        using one = new OneFile(1000, 'held');
        writeFileSync(one.path, lines.join(''));
        await one.start();
        await one.readAll([16]);
        one.output.leases.forEach((lease, i) => {
          if (settled[i]) lease.settle('delivered');
        });
        const front = settled.concat(false).indexOf(false);
        const answered = one.output.batches.slice(0, front).flat();
        const stored = one.stored();
        one.file.close();
        one.output.records.length = 0;
        await one.start(stored);
        await one.readAll();
        assert.deepEqual(
          [...answered, ...one.output.records].map(({ body }) => `${body}\n`),
          lines,
        );
      },
    ),
    { numRuns: 60 },
  );
});

test('LIN-07 turn() reads more where no line ends in a slice, and passes over the rest of an endless line in slices', async () => {
  using one = new OneFile(1000);
  writeFileSync(one.path, `${'x'.repeat(900)}\n${'y'.repeat(5000)}\nz\n`);
  await one.start();
  await one.readAll([64]);
  assert.deepEqual(one.records(), [
    { body: 'x'.repeat(900), flags: 0 },
    { body: 'y'.repeat(1000), flags: RecordFlag.Truncated },
    { body: 'z', flags: 0 },
  ]);
  assert.equal(one.metrics.sum('pillion_source_skipped_bytes_total', { reason: 'oversize_rest' }), 4001);
  assert.equal(one.metrics.sum('pillion_source_read_bytes_total'), 901 + 1000 + 2);
});

test('turn() makes a bounded number of records of lines of one byte', async () => {
  using one = new OneFile(1000);
  writeFileSync(one.path, 'a\n'.repeat(100_000));
  await one.start();
  await one.readAll();
  assert.equal(one.output.records.length, 100_000);
  assert.ok(Math.max(...one.output.batches.map((batch) => batch.length)) <= 4096);
});

test('turn() reads large batches where the output wants them and much waits, and smaller ones before the end', async () => {
  using one = new OneFile(1000);
  one.output.largeBatchBytes = 512 * 1024;
  const lines = Array.from({ length: 50_000 }, (_, i) => `${i} `.padEnd(99, '.'));
  writeFileSync(one.path, `${lines.join('\n')}\n`);
  await one.start();
  await one.readAll();
  assert.deepEqual(one.output.bodies, lines);
  const sizes = one.output.batches.map(({ length }) => length * 100);
  const behind = one.output.bytesBehind.map((bytes, batch) => bytes + sizes[batch]!);
  for (const [batch, bytes] of sizes.entries()) {
    const expected = behind[batch]! >= 4 * 512 * 1024 ? 512 * 1024 : Math.min(256 * 1024, behind[batch]!);
    assert.ok(Math.abs(bytes - expected) < 100, `batch ${batch} has ${bytes} bytes, ${behind[batch]} waited`);
  }
  assert.ok(sizes[0]! > 500_000);
});

test('turn() makes a bounded number of records of lines of one byte in a large batch, and reads the next in slices', async () => {
  using one = new OneFile(1000);
  one.output.largeBatchBytes = 512 * 1024;
  writeFileSync(one.path, 'a\n'.repeat(1_200_000));
  await one.start();
  await one.readAll();
  assert.equal(one.output.records.length, 1_200_000);
  const [first, ...others] = one.output.batches.map((batch) => batch.length);
  assert.equal(first, 8192);
  assert.ok(Math.max(...others) <= 4096);
});

test('LIN-10 turn() passes over a byte order mark at the start of a file only', async () => {
  using one = new OneFile(1000);
  writeFileSync(one.path, '\ufeffa\n\ufeffb\n');
  await one.start();
  await one.readAll([4]);
  assert.deepEqual(one.output.bodies, ['a', '\ufeffb']);
  assert.equal(one.metrics.sum('pillion_source_skipped_bytes_total', { reason: 'bom' }), 3);
  assert.equal(one.file.toEntry().offset, 10);
});

test('CPT-05 turn() notices that a file was rewritten past the position, and makes no record of both contents', async () => {
  using one = new OneFile(1000);
  writeFileSync(one.path, 'one\ntwo\nthr');
  await one.start();
  await one.readAll();
  truncateSync(one.path);
  appendFileSync(one.path, 'uno\ndos\ntres\ncuatro\n');
  await one.readAll();
  assert.deepEqual(one.output.bodies, ['one', 'two', 'uno', 'dos', 'tres', 'cuatro']);
  assert.deepEqual(one.cuts, ['rewritten']);
  assert.equal(one.file.toEntry().generation, 1);
});

test('turn() gives the batch back when there is nothing to send', async () => {
  using one = new OneFile(1000);
  writeFileSync(one.path, '\n\nunfinished');
  await one.start();
  await one.readAll();
  assert.equal(one.output.free, 2);
  assert.equal(one.output.sent, 0);
  assert.equal(one.file.toEntry().offset, 2, 'empty lines are settled');
  assert.equal(one.metrics.sum('pillion_dropped_records_total', { reason: 'empty_line' }), 2);
});

test('turn() sends nothing once the agent stops', async () => {
  using one = new OneFile(1000);
  writeFileSync(one.path, 'a\n');
  await one.start();
  one.file.examine(0);
  const stop = new AbortController();
  const batch = await one.output.rent(one.file.stream, never);
  const turn = one
    .reader()
    .turn(one.file, batch, one.output, { isFinal: () => false, isQuiet: () => false, stop: stop.signal });
  stop.abort();
  await turn;
  assert.equal(one.output.sent, 0);
  assert.equal(one.output.free, 2);
});

test('LIN-12 turn() reads on beyond 4 GiB, exactly', async () => {
  using one = new OneFile(1000);
  const far = 2 ** 32 + 12_345;
  writeFileSync(one.path, 'first\n');
  await one.start();
  await one.readAll();
  const [entry] = one.stored();
  one.file.close();
  // A sparse file: the hole is a part of the delivered bytes, and so is the window before the offset.
  truncateSync(one.path, far);
  const zeros = Buffer.alloc(256);
  const { fingerprint } = await import('../../../src/checkpoint/file-identity.ts');
  appendFileSync(one.path, 'far\nunfinished');
  await one.start([{ ...entry!, offset: far, size: far, window: fingerprint(zeros) }]);
  await one.readAll();
  assert.deepEqual(one.output.bodies, ['first', 'far']);
  assert.equal(one.file.toEntry().offset, far + 4);
});

test('ROT-08 turn() takes a read that is shorter than the size for the end of the file, and goes on behind it', async () => {
  using one = new OneFile(1000);
  const line = (i: number): string => `${i}`.padStart(99, '.');
  const content = Array.from({ length: 6000 }, (_, i) => `${line(i)}\n`).join('');
  writeFileSync(one.path, content);
  await one.start();
  one.file.examine(0);
  // More than a slice is known to be there, so nobody asks for the size again before the read.
  truncateSync(one.path, 1000);
  await one.readAll();
  appendFileSync(one.path, 'after\n');
  await one.readAll();
  assert.deepEqual(one.output.bodies, [...Array.from({ length: 10 }, (_, i) => line(i)), 'after']);
  assert.equal(one.metrics.sum('pillion_source_gone_bytes_total', { reason: 'truncated' }), content.length - 1000);
});
