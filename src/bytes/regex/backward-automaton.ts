import { findFollow, placeBit, type RegexFollow } from './regex-follow.ts';
import type { RegexProgram } from './regex-program.ts';
import type { StepAllowance } from './step-allowance.ts';
import { OUTSIDE, UnitClasses } from './unit-classes.ts';

/** What the states need at most: more would be much memory, and long to copy where it grows. 1.5 MiB together. */
const MAX_STATES = 8192;
const MAX_SET_UNITS = 1 << 18;
const MAX_TRANSITIONS = 1 << 18;
const UNKNOWN = -1;

/** There is no such state: too many of them would be needed, or too much work. */
export const NO_STATE = -2;

/**
 * Reads a text from its end to its beginning, and knows at each place with which units of the program a match can go on
 * there: all ways at once, as the state of an automaton whose states are made when they are met first. A unit of the
 * text costs one look into a table; one that leads to a new state costs as much as there are ways, which are steps that
 * are taken off an allowance before they are done.
 */
export class BackwardAutomaton {
  readonly classes: UnitClasses;
  readonly follow: RegexFollow;
  /** Whether words matter, so that a state belongs to the kind of the unit behind its place. */
  readonly hasWords: boolean;
  /**
   * By state and class of the unit before it: 2 * the next state, + 1 if a match can begin between the two; or
   * `UNKNOWN`.
   */
  transitions = new Int32Array(0);
  /** The kind of what stands behind the place, by state. */
  readonly kinds: number[] = [];
  /** The units with which a match can go on, state after state, and where those of each state begin, and one more. */
  #units = new Uint16Array(256);
  readonly #starts: number[] = [];
  /** How many units can come before those of each state. */
  readonly #pairs: number[] = [];
  /** The last state of each hash, and the one of the same hash before it, or `NO_STATE`. */
  readonly #byHash = new Map<number, number>();
  readonly #sameHash: number[] = [];
  readonly #allowance: StepAllowance;
  /** The set of each unit, and whether a set has units of a class, by class and set. */
  readonly #setOf: Uint16Array;
  readonly #members: Uint8Array;
  readonly #setCount: number;
  readonly #hashes: Uint32Array;
  /** In which round each unit was found last. */
  readonly #found: Uint32Array;
  #round = 0;
  readonly #list: Uint16Array;

  private constructor(program: RegexProgram, follow: RegexFollow, allowance: StepAllowance) {
    this.follow = follow;
    this.#allowance = allowance;
    this.hasWords = program.steps.some((step) => step.kind === 'place' && /[bB]/.test(step.source));
    this.classes = new UnitClasses(program.sets, this.hasWords);
    this.#setCount = program.sets.length;
    this.#members = new Uint8Array(this.classes.count * this.#setCount);
    for (const [number, set] of program.sets.entries()) {
      const members = this.classes.membersOf(set);
      for (let i = 0; i < members.length; i++) this.#members[i * this.#setCount + number] = members[i]!;
    }
    this.#setOf = Uint16Array.from(follow.units, (index) => {
      const step = program.steps[index]!;
      return step.kind === 'unit' ? step.set : 0;
    });
    const count = follow.units.length;
    this.#hashes = Uint32Array.from({ length: count }, (_, unit) => Math.imul(unit + 1, 0x9e3779b1) ^ (unit << 7));
    this.#found = new Uint32Array(count);
    this.#list = new Uint16Array(count);
    this.forget();
  }

  /** Takes what it does off `allowance`. undefined: it would be too large. */
  static create(program: RegexProgram, allowance: StepAllowance): BackwardAutomaton | undefined {
    const follow = findFollow(program);
    return follow === undefined ? undefined : new BackwardAutomaton(program, follow, allowance);
  }

  /** Whether a text should begin with none of the states, so that memory stays small. */
  get isFull(): boolean {
    const fill = Math.max(this.stateCount / MAX_STATES, this.#starts.at(-1)! / MAX_SET_UNITS);
    return Math.max(fill, (this.stateCount * this.classes.count) / MAX_TRANSITIONS) > 0.5;
  }

  /** How many states there are. State 0 is that of the end of a text. */
  get stateCount(): number {
    return this.kinds.length;
  }

  /** Forgets all states but the first. */
  forget(): void {
    this.kinds.length = 0;
    this.#starts.length = 1;
    this.#starts[0] = 0;
    this.#pairs.length = 0;
    this.#byHash.clear();
    this.#sameHash.length = 0;
    this.#units = new Uint16Array(256);
    this.transitions = new Int32Array(16 * this.classes.count).fill(UNKNOWN);
    this.#add(0, 0, OUTSIDE);
  }

  /** The transition of `state` by a unit of that class, which is not known yet, or `NO_STATE`. */
  make(state: number, unitClass: number): number {
    const before = this.classes.kinds[unitClass]!;
    const bit = placeBit(before, this.kinds[state]!);
    const { starts, beginnings } = this.follow;
    const end = this.follow.units.length;
    if (!this.#allowance.take(16 + this.#pairs[state]! + starts[end + 1]! - starts[end]!)) return NO_STATE;
    this.#round++;
    let count = this.#findBefore(end, bit, unitClass, 0);
    let canBegin = (beginnings[end]! & bit) !== 0;
    for (let i = this.#starts[state]!; i < this.#starts[state + 1]!; i++) {
      const unit = this.#units[i]!;
      if ((beginnings[unit]! & bit) !== 0) canBegin = true;
      count = this.#findBefore(unit, bit, unitClass, count);
    }
    const next = this.#allowance.take(count) ? this.#intern(count, before) : NO_STATE;
    if (next < 0) return NO_STATE;
    const transition = 2 * next + (canBegin ? 1 : 0);
    this.transitions[state * this.classes.count + unitClass] = transition;
    return transition;
  }

  /** Whether a match can begin at a place of that state, at the beginning of the text. */
  canBeginText(state: number): boolean {
    const bit = placeBit(OUTSIDE, this.kinds[state]!);
    const { beginnings, units } = this.follow;
    if ((beginnings[units.length]! & bit) !== 0) return true;
    for (let i = this.#starts[state]!; i < this.#starts[state + 1]!; i++) {
      if ((beginnings[this.#units[i]!]! & bit) !== 0) return true;
    }
    return false;
  }

  /** With how many units a match can go on at a place of that state. */
  unitCount(state: number): number {
    return this.#starts[state + 1]! - this.#starts[state]!;
  }

  /** Sets the mark of each of them. */
  markUnits(state: number, marks: Uint32Array, mark: number): void {
    for (let i = this.#starts[state]!; i < this.#starts[state + 1]!; i++) marks[this.#units[i]!] = mark;
  }

  /** Adds the units of the class that can come before `number`, and returns how many there are now. */
  #findBefore(number: number, bit: number, unitClass: number, count: number): number {
    const { starts, before, places } = this.follow;
    const members = this.#members;
    const setOf = this.#setOf;
    const found = this.#found;
    const list = this.#list;
    const round = this.#round;
    const first = unitClass * this.#setCount;
    const end = starts[number + 1]!;
    for (let i = starts[number]!; i < end; i++) {
      const unit = before[i]!;
      if ((places[i]! & bit) === 0 || members[first + setOf[unit]!] === 0 || found[unit] === round) continue;
      found[unit] = round;
      list[count++] = unit;
    }
    return count;
  }

  /** The state of the units found in this round, or `NO_STATE`. */
  #intern(count: number, kind: number): number {
    let hash = kind;
    for (let i = 0; i < count; i++) hash = (hash + this.#hashes[this.#list[i]!]!) >>> 0;
    let state = this.#byHash.get(hash) ?? NO_STATE;
    while (state >= 0 && !this.#isFound(state, count, kind)) state = this.#sameHash[state]!;
    if (state >= 0) return state;
    return this.#makeRoom(count) ? this.#add(hash, count, kind) : NO_STATE;
  }

  /** Whether there is room for one more state, of so many units. */
  #makeRoom(count: number): boolean {
    const units = this.#starts.at(-1)! + count;
    const transitions = (this.stateCount + 1) * this.classes.count;
    if (this.stateCount === MAX_STATES || units > MAX_SET_UNITS || transitions > MAX_TRANSITIONS) return false;
    if (!this.#allowance.take(40 + count)) return false;
    if (units > this.#units.length) {
      if (!this.#allowance.take(this.#units.length >> 4)) return false;
      const larger = new Uint16Array(2 * Math.max(units, this.#units.length));
      larger.set(this.#units);
      this.#units = larger;
    }
    if (transitions > this.transitions.length) {
      if (!this.#allowance.take(this.transitions.length >> 3)) return false;
      const larger = new Int32Array(2 * this.transitions.length).fill(UNKNOWN, this.transitions.length);
      larger.set(this.transitions);
      this.transitions = larger;
    }
    return true;
  }

  /** Whether the units found in this round are those of the state. */
  #isFound(state: number, count: number, kind: number): boolean {
    const start = this.#starts[state]!;
    const end = this.#starts[state + 1]!;
    if (this.kinds[state] !== kind || end - start !== count || !this.#allowance.take(count)) return false;
    for (let i = start; i < end; i++) if (this.#found[this.#units[i]!] !== this.#round) return false;
    return true;
  }

  #add(hash: number, count: number, kind: number): number {
    const { starts } = this.follow;
    const start = this.#starts.at(-1)!;
    let pairs = 0;
    for (let i = 0; i < count; i++) {
      const unit = this.#list[i]!;
      this.#units[start + i] = unit;
      pairs += starts[unit + 1]! - starts[unit]!;
    }
    this.#starts.push(start + count);
    this.#pairs.push(pairs);
    const state = this.kinds.push(kind) - 1;
    this.#sameHash.push(this.#byHash.get(hash) ?? NO_STATE);
    this.#byHash.set(hash, state);
    return state;
  }
}
