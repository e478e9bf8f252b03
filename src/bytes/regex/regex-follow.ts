import type { RegexProgram } from './regex-program.ts';
import { NO_WORD, OUTSIDE, WORD } from './unit-classes.ts';

/** One bit for each pair of what stands before a place and what stands behind it. */
const EVERYWHERE = 0o777;

/** The bit of a place between things of these kinds. */
export function placeBit(before: number, behind: number): number {
  return 1 << (3 * before + behind);
}

const PLACES: Readonly<Record<string, number>> = {
  '^': placesWhere((before) => before === OUTSIDE),
  $: placesWhere((_before, behind) => behind === OUTSIDE),
  '\\b': placesWhere((before, behind) => (before === WORD) !== (behind === WORD)),
  '\\B': placesWhere((before, behind) => (before === WORD) === (behind === WORD)),
};

function placesWhere(holds: (before: number, behind: number) => boolean): number {
  let bits = 0;
  for (const before of [OUTSIDE, NO_WORD, WORD]) {
    for (const behind of [OUTSIDE, NO_WORD, WORD]) if (holds(before, behind)) bits |= placeBit(before, behind);
  }
  return bits;
}

/**
 * Which units can come before which in a match. Units are numbered densely; the number behind the last one stands for
 * the end of the match.
 */
export interface RegexFollow {
  /** The step of each unit. */
  readonly units: readonly number[];
  /** The number of the unit at each step, or -1. */
  readonly numbers: Int32Array;
  /** Where the units that can come before each number begin in `before`, and one more. */
  readonly starts: Int32Array;
  readonly before: Int32Array;
  /** The places, as `placeBit()` has them, at which they can. */
  readonly places: Uint16Array;
  /** At which places a match can begin with that number. */
  readonly beginnings: Uint16Array;
}

/** More than this would cost too much memory, or time. */
const MAX_PAIRS = 2_000_000;
const MAX_WALKED = 6_000_000;

/** Finds out; undefined: there are too many pairs. O(units * steps between them). */
export function findFollow({ steps, start }: RegexProgram): RegexFollow | undefined {
  const units: number[] = [];
  const numbers = new Int32Array(steps.length).fill(-1);
  for (const [index, { kind }] of steps.entries()) if (kind === 'unit') numbers[index] = units.push(index) - 1;
  const end = units.length;
  const walker = new FollowWalker(steps, numbers, end);
  const pairs: { before: number; number: number; places: number }[] = [];
  for (const [before, index] of units.entries()) {
    const step = steps[index]!;
    if (step.kind !== 'unit') continue;
    for (const [number, places] of walker.from(step.next)) pairs.push({ before, number, places });
    if (pairs.length > MAX_PAIRS || walker.walked > MAX_WALKED) return undefined;
  }
  const beginnings = new Uint16Array(end + 1);
  for (const [number, places] of walker.from(start)) beginnings[number] = places;
  const starts = new Int32Array(end + 2);
  for (const { number } of pairs) starts[number + 1]!++;
  for (let i = 0; i <= end; i++) starts[i + 1]! += starts[i]!;
  const free = starts.slice();
  const before = new Int32Array(pairs.length);
  const places = new Uint16Array(pairs.length);
  for (const pair of pairs) {
    const at = free[pair.number]!++;
    before[at] = pair.before;
    places[at] = pair.places;
  }
  return { units, numbers, starts, before, places, beginnings };
}

/** Goes over the steps that take nothing of the text. */
class FollowWalker {
  readonly #steps: RegexProgram['steps'];
  readonly #numbers: Int32Array;
  readonly #end: number;
  /** The places at which each step was reached in this walk. */
  readonly #reached: Uint16Array;
  readonly #touched: number[] = [];
  /** Steps passed in all walks. */
  walked = 0;

  constructor(steps: RegexProgram['steps'], numbers: Int32Array, end: number) {
    this.#steps = steps;
    this.#numbers = numbers;
    this.#end = end;
    this.#reached = new Uint16Array(steps.length);
  }

  /** The units, and the end, that can be reached from a step, with the places at which. */
  from(step: number): Map<number, number> {
    const found = new Map<number, number>();
    this.#add(step, EVERYWHERE);
    for (let i = 0; i < this.#touched.length; i++) {
      const index = this.#touched[i]!;
      const places = this.#reached[index]!;
      const at = this.#steps[index]!;
      if (at.kind === 'unit') found.set(this.#numbers[index]!, places);
      else if (at.kind === 'match') found.set(this.#end, places);
      else if (at.kind === 'place') this.#add(at.next, places & PLACES[at.source]!);
      else if (at.kind === 'split') {
        this.#add(at.first, places);
        this.#add(at.second, places);
      } else this.#add(at.next, places);
    }
    this.walked += this.#touched.length;
    for (const index of this.#touched) this.#reached[index] = 0;
    this.#touched.length = 0;
    return found;
  }

  #add(step: number, places: number): void {
    const known = this.#reached[step]!;
    if ((known | places) === known) return;
    this.#reached[step] = known | places;
    // Again, if it was passed already at fewer places.
    this.#touched.push(step);
  }
}

/** Whether a place is of the kind of `source`, as `placeBit()` has it. */
export function isPlace(source: string, bit: number): boolean {
  return (PLACES[source]! & bit) !== 0;
}
