/**
 * What the worst line costs in every ready-made pipeline and every parser, by the CPU that the process takes for it:
 * lines of the cases and of the corpora (`../shared/corpora`, where they are there), the same ones changed at random and
 * made long, random JSON, random bytes, and lines of one thing again and again. The promise is 1 ms for a line up to a
 * KiB, and 1 ms a KiB for longer ones.
 *
 * `new`: stages that have read other lines of all kinds meet a line for the first time. `known`: they meet it again, so
 * that an expression that only this line needed is compiled. Either is the least of three times, with stages made anew;
 * what the machine did besides is not in it. `once` is what the dearest of the lines before took more than when it came
 * again. Framing is measured over all lines of a kind together, with each of them more than once.
 */
import { setFlagsFromString } from 'node:v8';
import fc from 'fast-check';
import { buildStages } from '../../../src/agent/build-stages.ts';
import { frameInput, type TraceOptions } from '../../../src/agent/trace-input.ts';
import { REGEX_ENGINE_FLAGS } from '../../../src/bytes/regex/engine-flags.ts';
import { LogsRequestEncoder } from '../../../src/codec/otlp/logs-request.ts';
import { READY_MADE_FOLDER, readyMadeNames } from '../../../src/config/ready-made.ts';
import type { Stage } from '../../../src/core/contracts.ts';
import { corpusLines } from '../../corpora/corpus-lines.ts';
import { processCpuUsOf } from '../../harness/cpu-time.ts';
import { caseLines, json, mutated, noise, REPEATED } from '../../harness/hostile-lines.ts';
import { PARSERS, parserStage } from '../../harness/parsers.ts';
import { Random } from '../../harness/random.ts';
import { readyMade } from '../../harness/ready-made.ts';

for (const flag of REGEX_ENGINE_FLAGS) setFlagsFromString(flag);

const ROUNDS = 3;
const LONG = 2 ** 14;
/** So many bytes are framed at once. */
const FRAMED = 2 ** 17;
const SEED = 7;
/** Of the lines that come first. */
const OTHER_SEED = 8;

interface Subject {
  readonly name: string;
  readonly options: TraceOptions;
  readonly build: () => Stage[];
  readonly lines: readonly Buffer[];
}

interface Cost {
  readonly msPerKib: number;
  readonly kind: string;
  readonly line: Buffer;
}

const NOTHING: Cost = { msPerKib: 0, kind: '', line: Buffer.alloc(0) };

function longOf(line: Buffer): Buffer {
  return Buffer.alloc(LONG, line.length === 0 ? 'a' : line);
}

function randomBytes(length: number, seed: number): Buffer {
  const random = new Random(seed);
  return Buffer.from(Uint8Array.from({ length }, () => random.between(0, 255)));
}

/** Lines of all kinds. Line ends are spaces in them. */
function kindsOf(own: readonly Buffer[], seed: number): ReadonlyMap<string, readonly Buffer[]> {
  const lines = own.filter(({ length }) => length > 0);
  const some = fc.sample(fc.constantFrom(...lines), { numRuns: 30, seed });
  return new Map([
    ['as it was written', some],
    ['changed', fc.sample(mutated(lines), { numRuns: 60, seed })],
    ['changed and long', fc.sample(mutated(some.slice(0, 12).map(longOf)), { numRuns: 12, seed })],
    ['pieces', fc.sample(noise, { numRuns: 30, seed })],
    ['JSON', fc.sample(json, { numRuns: 30, seed })],
    ['random bytes', [20, 200, 1000, LONG].map((length) => randomBytes(length, seed + length))],
    ['one thing again and again', REPEATED.flatMap((unit) => [1000, LONG].map((length) => Buffer.alloc(length, unit)))],
  ]);
}

function withoutLineEnds(line: Buffer): Buffer {
  return Buffer.from(line.map((byte) => (byte === 10 ? 32 : byte)));
}

/** The microseconds of each line, from the first stage to the request. */
function costs(stages: readonly Stage[], options: TraceOptions, lines: readonly Buffer[]): number[] {
  return lines.map((line) => {
    const batch = frameInput(Buffer.concat([line, Buffer.of(10)]), options);
    const encoder = new LogsRequestEncoder({ scopeName: '', scopeVersion: '' });
    return processCpuUsOf(() => {
      for (const stage of stages) stage.process(batch);
      for (let record = 0; record < batch.count; record++) if (batch.isLive(record)) encoder.append(batch, record);
    });
  });
}

function kibOf(bytes: number): number {
  return Math.max(1, bytes / 1024);
}

interface Worst {
  readonly new: Cost;
  readonly known: Cost;
  readonly onceMs: number;
}

function worstOf({ lines, options, build }: Subject): Worst {
  const others = [...kindsOf(lines, OTHER_SEED).values()].flat().map(withoutLineEnds);
  const kinds = [...kindsOf(lines, SEED)].flatMap(([kind, some]) =>
    some.map((line) => ({ kind, line: withoutLineEnds(line) })),
  );
  const measured = kinds.map(({ line }) => line);
  let onceMs = 0;
  const rounds = Array.from({ length: ROUNDS }, () => {
    const stages = build();
    const first = costs(stages, options, others);
    // V8 compiles an expression for good when it meets it again.
    const again = costs(stages, options, others);
    onceMs = Math.max(onceMs, ...first.map((us, i) => (us - again[i]!) / 1000));
    const passes = Array.from({ length: 3 }, () => costs(stages, options, measured));
    return { new: passes[0]!, known: passes.slice(1) };
  });
  const dearest = (passes: readonly (readonly number[])[]): Cost => {
    let worst = NOTHING;
    for (const [i, { kind, line }] of kinds.entries()) {
      const msPerKib = Math.min(...passes.map((pass) => pass[i]!)) / 1000 / kibOf(line.length);
      if (msPerKib > worst.msPerKib) worst = { msPerKib, kind, line };
    }
    return worst;
  };
  return {
    new: dearest(rounds.map((round) => round.new)),
    known: dearest(rounds.flatMap((round) => round.known)),
    onceMs,
  };
}

/** The worst kind to frame, with what a batch costs taken off. */
function framingOf({ options, lines }: Subject): Cost {
  let worst = NOTHING;
  for (const [kind, written] of kindsOf(lines, SEED)) {
    const once = Buffer.concat(written.flatMap((line) => [withoutLineEnds(line), Buffer.of(10)]));
    const input = Buffer.alloc(Math.ceil(FRAMED / once.length) * once.length, once);
    const least = (bytes: Buffer): number =>
      Math.min(...Array.from({ length: ROUNDS }, () => processCpuUsOf(() => frameInput(bytes, options))));
    const msPerKib = (least(input) - least(Buffer.alloc(0))) / 1000 / kibOf(input.length);
    if (msPerKib > worst.msPerKib) worst = { msPerKib, kind, line: input };
  }
  return worst;
}

async function pipelineOf(name: string): Promise<Subject> {
  const options = { ...(await readyMade(name)), stream: 'app.log' };
  const lines = [...caseLines(name), ...corpusLines(name)];
  return { name, options, build: () => buildStages(options.steps, options.context), lines };
}

const names = readyMadeNames(READY_MADE_FOLDER);
const pipelines = await Promise.all(names.map(pipelineOf));
const all = pipelines.flatMap(({ lines }) => lines);
const plain = { ...pipelines[0]!.options, steps: [], grouping: undefined };
const parsers = Object.keys(PARSERS).map((type) => ({
  name: `stage ${type}`,
  options: plain,
  build: () => [parserStage(type, plain.context)],
  lines: all,
}));
process.stdout.write(`${all.length} lines of cases and corpora\n`);
// What the first ones need compiled is no cost of theirs.
for (const subject of [pipelines.at(-1)!, ...parsers]) worstOf(subject);
process.stdout.write('ms a KiB, or for a shorter line\n');
for (const subject of [...parsers, ...pipelines]) {
  const worst = worstOf(subject);
  const framing = framingOf(subject);
  process.stdout.write(
    `${subject.name.padEnd(22)} new ${shown(worst.new)}; known ${shown(worst.known)}; ` +
      `once ${worst.onceMs.toFixed(1)}; framing ${framing.msPerKib.toFixed(3)} (${framing.kind})\n`,
  );
}

function shown({ msPerKib, kind, line }: Cost): string {
  return `${msPerKib.toFixed(3)} (${kind}, ${line.length} bytes)`;
}
