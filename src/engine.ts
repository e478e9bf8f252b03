import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { REGEX_ENGINE_FLAGS } from './bytes/regex/engine-flags.ts';

const NO_GROWTH = '--semi-space-growth-factor=1';

/**
 * What V8 is told before the program is compiled. Its compiled code is kept beside the bundle (`launch.ts`), and V8 takes
 * that only under the flags under which it was made.
 */
const START_FLAGS: readonly string[] = [
  // The middle compiler keeps 8 MB for what the optimizing one replaces soon after: without it the agent uses as much
  // CPU on a million lines, and less memory (npm run bench).
  '--no-maglev',
  // A loop over a batch ends with it, and the code that V8 makes to go on within a loop that is under way is thrown away
  // there: short runs cost less without it (300,000 lines of JSON 3 to 4 %).
  '--no-use-osr',
  // The stages and the encoder are small functions; with more of them inlined into the loops a line costs 3 % less.
  '--max-inlined-bytecode-size-cumulative=3000',
  // A pattern of a user that tries too many ways through a hostile line goes on in the engine that needs linear time.
  ...REGEX_ENGINE_FLAGS,
  // What runs once at the start is not worth compiling to machine code, nor young objects more room than 1 MiB: an agent
  // that has little to read takes 10 MB less (node test/bench/start-time.ts). `runAtFullSpeed()` takes these back.
  '--no-opt',
  '--no-sparkplug',
  NO_GROWTH,
];

const FULL_SPEED_FLAGS: readonly string[] = ['--opt', '--sparkplug', '--semi-space-growth-factor=2'];

/** Sets the engine up for a start that is quick and small. Before the code that it should hold for is compiled. */
export function setEngineFlags(): void {
  for (const flag of START_FLAGS) setFlagsFromString(flag);
}

/** From now on hot code is compiled to machine code, and the young generation grows with what is allocated. */
export function runAtFullSpeed(): void {
  for (const flag of FULL_SPEED_FLAGS) setFlagsFromString(flag);
}

/**
 * The young generation stays as large as it is. It would grow for ever to 16 MiB and its double, because each doubling
 * takes a sum of survivors, however slowly they come. Six million lines of an access log take 101 MB at most in place of
 * 132, and 0.19 s for garbage in place of 0.29.
 */
export function endGrowth(): void {
  setFlagsFromString(NO_GROWTH);
}

let collect: (() => void) | undefined;

/** Spends time on memory: collects garbage at once, and lets the young generation grow no more. */
export function saveMemory(): void {
  endGrowth();
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc');
  }
  collect?.();
}
