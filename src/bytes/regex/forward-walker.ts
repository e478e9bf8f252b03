import type { BackwardAutomaton } from './backward-automaton.ts';
import { isPlace, placeBit } from './regex-follow.ts';
import type { RegexProgram } from './regex-program.ts';
import type { StepAllowance } from './step-allowance.ts';

/** How the best way goes on from a step. */
export interface Way {
  /** Registers in the order in which they are set (n), or forgotten (-1 - n). */
  readonly notes: readonly number[];
  /** The step behind the unit that it takes; -1: the match ends. */
  readonly next: number;
}

/** Half as many ways are remembered, about 50 bytes each; a power of two. */
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
  readonly #allowance: StepAllowance;
  /** A hash table: 1 + what a way is of, or 0, and which one it is. */
  readonly #keys = new Int32Array(ROOM);
  readonly #numbers = new Uint16Array(ROOM);
  readonly #ways: Way[] = [];
  /** The steps from which nothing was found in this search, for both values of `hasTurned`. */
  readonly #failed: Uint32Array;
  #search = 0;
  /** In which search a match could go on with each unit last. */
  readonly #goesOnWith: Uint32Array;
  readonly #notes: number[] = [];
  #noted = 0;
  /** Ways that are left for later, two numbers each: as `#failed` has them, and how many notes are before it. */
  readonly #waiting: number[] = [];
  #waits = 0;
  #unit = -1;
  #bit = 0;

  /** Takes what it does off `allowance`. */
  constructor(program: RegexProgram, automaton: BackwardAutomaton, allowance: StepAllowance) {
    this.#program = program;
    this.#automaton = automaton;
    this.#allowance = allowance;
    this.#goesOnWith = new Uint32Array(automaton.follow.units.length);
    this.#failed = new Uint32Array(2 * program.steps.length);
  }

  /** Forgets what belongs to the states of the automaton. */
  forget(): void {
    this.#keys.fill(0);
    this.#ways.length = 0;
  }

  /**
   * The way from a step, at a place with that state and what stands before it. One is there; undefined: to find it takes
   * more steps than are left.
   */
  wayFrom(step: number, state: number, before: number): Way | undefined {
    // Below 2^30: states are at most 8,192, steps 40,000.
    const key = 1 + (state * 3 + before) * this.#program.steps.length + step;
    for (let at = Math.imul(key, 0x9e3779b1) >>> SHIFT; ; at = (at + 1) & (ROOM - 1)) {
      const known = this.#keys[at]!;
      if (known === key) return this.#ways[this.#numbers[at]!]!;
      if (known === 0) return this.#remember(key, at, this.#find(step, state, before));
    }
  }

  #remember(key: number, at: number, way: Way | undefined): Way | undefined {
    if (way === undefined) return undefined;
    if (this.#ways.length === MAX_KNOWN) {
      this.forget();
      return way;
    }
    this.#keys[at] = key;
    this.#numbers[at] = this.#ways.push(way) - 1;
    return way;
  }

  #find(step: number, state: number, before: number): Way | undefined {
    if (!this.#allowance.take(96 + (this.#automaton.unitCount(state) >> 2))) return undefined;
    this.#automaton.markUnits(state, this.#goesOnWith, ++this.#search);
    this.#bit = placeBit(before, this.#automaton.kinds[state]!);
    if (!this.#goesOn(step)) {
      if (this.#allowance.left < 0) return undefined;
      throw new Error('Cannot find the way of a match');
    }
    const at = this.#program.steps[this.#unit];
    const notes = this.#noted === 0 ? NONE : this.#notes.slice(0, this.#noted);
    return { notes, next: at?.kind === 'unit' ? at.next : -1 };
  }

  /** Whether a match goes on from the step; then the notes of its way are there. */
  #goesOn(step: number): boolean {
    this.#noted = 0;
    this.#waits = 0;
    this.#wait(step, true);
    while (this.#waits > 0) {
      this.#noted = this.#waiting[--this.#waits]!;
      const key = this.#waiting[--this.#waits]!;
      if (this.#follow(key >> 1, (key & 1) === 1)) return true;
    }
    return false;
  }

  #wait(step: number, hasTurned: boolean): void {
    this.#waiting[this.#waits++] = 2 * step + (hasTurned ? 1 : 0);
    this.#waiting[this.#waits++] = this.#noted;
  }

  /** Goes on until the next unit or a dead end, and leaves the other ways of splits for later. */
  #follow(step: number, hasTurned: boolean): boolean {
    for (;;) {
      const key = 2 * step + (hasTurned ? 1 : 0);
      if (this.#failed[key] === this.#search) return false;
      this.#failed[key] = this.#search;
      if (!this.#allowance.take(2)) return false;
      const at = this.#program.steps[step]!;
      switch (at.kind) {
        case 'unit':
          if (this.#goesOnWith[this.#automaton.follow.numbers[step]!] !== this.#search) return false;
          this.#unit = step;
          return true;
        case 'match':
          this.#unit = -1;
          return true;
        case 'split':
          this.#wait(at.second, hasTurned);
          step = at.first;
          continue;
        case 'place':
          if (!isPlace(at.source, this.#bit)) return false;
          break;
        case 'save':
          this.#notes[this.#noted++] = at.register;
          break;
        case 'clear':
          if (!this.#allowance.take((at.to - at.from) >> 1)) return false;
          for (let register = at.from; register < at.to; register++) this.#notes[this.#noted++] = -1 - register;
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
