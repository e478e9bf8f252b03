import type { BackwardAutomaton } from './backward-automaton.ts';
import { isPlace, placeBit } from './regex-follow.ts';
import type { RegexProgram } from './regex-program.ts';

/** How the best way goes on from a step. */
export interface Way {
  /** Registers in the order in which they are set (n), or forgotten (-1 - n). */
  readonly notes: readonly number[];
  /** The step behind the unit that it takes; -1: the match ends. */
  readonly next: number;
}

/** A way that is left for later: the notes before it, and whether the turn has taken something. */
interface Waiting {
  readonly step: number;
  readonly hasTurned: boolean;
  readonly noted: number;
}

/** So many ways are remembered, about 50 bytes each; a power of two. */
const ROOM = 8192;
const MAX_KNOWN = ROOM / 2;
const SHIFT = 32 - Math.log2(ROOM);
const NONE: readonly number[] = [];

/**
 * Finds the way through the program that a match takes: of all that lead to its end, the one that prefers as the
 * pattern does, which is the one that an engine that tries one way after the other finds. What leads to the end is
 * known from the states of the automaton, so that no way is tried in vain beyond one place.
 */
export class ForwardWalker {
  readonly #program: RegexProgram;
  readonly #automaton: BackwardAutomaton;
  /** A hash table: 1 + what a way is of, or 0, and the ways. */
  readonly #keys = new Int32Array(ROOM);
  readonly #ways: Way[] = [];
  #known = 0;
  /** The steps from which nothing was found in this search, for both values of `hasTurned`. */
  readonly #failed: Uint32Array;
  #search = 0;
  readonly #notes: number[] = [];
  #unit = -1;
  #state = 0;
  #bit = 0;
  /** Steps taken to find ways since the start; each is about 10 ns. */
  work = 0;

  constructor(program: RegexProgram, automaton: BackwardAutomaton) {
    this.#program = program;
    this.#automaton = automaton;
    this.#failed = new Uint32Array(2 * program.steps.length);
  }

  /** Forgets what belongs to the states of the automaton. */
  forget(): void {
    this.#keys.fill(0);
    this.#ways.length = 0;
    this.#known = 0;
  }

  /** The way from a step, at a place with that state and what stands before it. One is there. */
  wayFrom(step: number, state: number, before: number): Way {
    // Below 2^30: states are at most 8,192, steps 40,000.
    const key = 1 + (state * 3 + before) * this.#program.steps.length + step;
    for (let at = Math.imul(key, 0x9e3779b1) >>> SHIFT; ; at = (at + 1) & (ROOM - 1)) {
      const known = this.#keys[at]!;
      if (known === key) return this.#ways[at]!;
      if (known === 0) return this.#remember(key, at, this.#find(step, state, before));
    }
  }

  #remember(key: number, at: number, way: Way): Way {
    if (this.#known === MAX_KNOWN) {
      this.forget();
      return way;
    }
    this.#known++;
    this.#keys[at] = key;
    this.#ways[at] = way;
    return way;
  }

  #find(step: number, state: number, before: number): Way {
    this.#search++;
    this.#notes.length = 0;
    this.#state = state;
    this.#bit = placeBit(before, this.#automaton.kinds[state]!);
    if (!this.#goesOn(step)) throw new Error('Cannot find the way of a match');
    const at = this.#program.steps[this.#unit];
    return { notes: this.#notes.length === 0 ? NONE : this.#notes.slice(), next: at?.kind === 'unit' ? at.next : -1 };
  }

  /** Whether a match goes on from the step; then the notes of its way are there. */
  #goesOn(step: number): boolean {
    const waiting: Waiting[] = [{ step, hasTurned: true, noted: 0 }];
    for (let way = waiting.pop(); way !== undefined; way = waiting.pop()) {
      this.#notes.length = way.noted;
      if (this.#follow(way.step, way.hasTurned, waiting)) return true;
    }
    return false;
  }

  /** Goes on until the next unit or a dead end, and leaves the other ways of splits in `waiting`. */
  #follow(step: number, hasTurned: boolean, waiting: Waiting[]): boolean {
    for (;;) {
      const key = 2 * step + (hasTurned ? 1 : 0);
      if (this.#failed[key] === this.#search) return false;
      this.#failed[key] = this.#search;
      this.work++;
      const at = this.#program.steps[step]!;
      switch (at.kind) {
        case 'unit':
          if (!this.#automaton.canGoOn(this.#state, this.#automaton.follow.numbers[step]!)) return false;
          this.#unit = step;
          return true;
        case 'match':
          this.#unit = -1;
          return true;
        case 'split':
          waiting.push({ step: at.second, hasTurned, noted: this.#notes.length });
          step = at.first;
          continue;
        case 'place':
          if (!isPlace(at.source, this.#bit)) return false;
          break;
        case 'save':
          this.#notes.push(at.register);
          break;
        case 'clear':
          for (let register = at.from; register < at.to; register++) this.#notes.push(-1 - register);
          if (at.isTurn) hasTurned = false;
          break;
        case 'turned':
          if (!hasTurned) return false;
          break;
        default:
          at satisfies never;
      }
      step = at.next;
    }
  }
}
