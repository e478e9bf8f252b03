import { findFollow, placeBit, type RegexFollow } from './regex-follow.ts';
import type { RegexProgram } from './regex-program.ts';
import { OUTSIDE, UnitClasses } from './unit-classes.ts';

/** What a state of the automaton needs: more than this at once would be much memory. */
const MAX_STATES = 8192;
const UNKNOWN = -1;

/** There is no such state: too many of them would be needed. */
export const NO_STATE = -2;

/**
 * Reads a text from its end to its beginning, and knows at each place with which units of the program a match can go on
 * there: all ways at once, as the state of an automaton whose states are made when they are met first. A unit of the
 * text costs one look into a table; one that leads to a new state costs as much as there are ways, which `work` counts.
 */
export class BackwardAutomaton {
  readonly classes: UnitClasses;
  readonly follow: RegexFollow;
  /** Whether words matter, so that a state belongs to the kind of the unit behind its place. */
  readonly hasWords: boolean;
  /** Steps taken to make states since the start; each is about 10 ns. */
  work = 0;
  /**
   * By state and class of the unit before it: 2 * the next state, + 1 if a match can begin between the two; or
   * `UNKNOWN`.
   */
  transitions = new Int32Array(0);
  /** The kind of what stands behind the place, by state. */
  readonly kinds: number[] = [];
  /** The units with which a match can go on, by state. */
  readonly #sets: Uint16Array[] = [];
  readonly #byHash = new Map<number, number[]>();
  /** Whether the unit can be of the class, by unit and class. */
  readonly #members: readonly Uint8Array[];
  readonly #hashes: Uint32Array;
  /** In which round each unit was found last. */
  readonly #found: Uint32Array;
  #round = 0;
  readonly #list: Uint16Array;

  private constructor(program: RegexProgram, follow: RegexFollow) {
    this.follow = follow;
    this.hasWords = program.steps.some((step) => step.kind === 'place' && /[bB]/.test(step.source));
    this.classes = new UnitClasses(program.sets, this.hasWords);
    const members = program.sets.map((set) => this.classes.membersOf(set));
    this.#members = follow.units.map((index) => {
      const step = program.steps[index]!;
      return step.kind === 'unit' ? members[step.set]! : new Uint8Array(0);
    });
    const count = follow.units.length;
    this.#hashes = Uint32Array.from({ length: count }, (_, unit) => Math.imul(unit + 1, 0x9e3779b1) ^ (unit << 7));
    this.#found = new Uint32Array(count);
    this.#list = new Uint16Array(count);
    this.forget();
  }

  /** undefined: it would be too large. */
  static create(program: RegexProgram): BackwardAutomaton | undefined {
    const follow = findFollow(program);
    return follow === undefined ? undefined : new BackwardAutomaton(program, follow);
  }

  /** How many states there are. State 0 is that of the end of a text. */
  get stateCount(): number {
    return this.#sets.length;
  }

  /** Forgets all states but the first. */
  forget(): void {
    this.#sets.length = 0;
    this.kinds.length = 0;
    this.#byHash.clear();
    this.transitions = new Int32Array(16 * this.classes.count).fill(UNKNOWN);
    this.#add(0, 0, OUTSIDE);
  }

  /** The transition of `state` by a unit of that class, which is not known yet. `NO_STATE`: there are too many states. */
  make(state: number, unitClass: number): number {
    const before = this.classes.kinds[unitClass]!;
    const bit = placeBit(before, this.kinds[state]!);
    const { starts, beginnings } = this.follow;
    const end = this.follow.units.length;
    this.#round++;
    let hash = before;
    let count = this.#findBefore(end, bit, unitClass, 0);
    let canBegin = (beginnings[end]! & bit) !== 0;
    for (const unit of this.#sets[state]!) {
      if ((beginnings[unit]! & bit) !== 0) canBegin = true;
      count = this.#findBefore(unit, bit, unitClass, count);
      this.work += starts[unit + 1]! - starts[unit]!;
    }
    for (let i = 0; i < count; i++) hash = (hash + this.#hashes[this.#list[i]!]!) >>> 0;
    this.work += 8 + 4 * count;
    const next = this.#intern(hash, count, before);
    if (next < 0) return NO_STATE;
    const transition = 2 * next + (canBegin ? 1 : 0);
    this.transitions[state * this.classes.count + unitClass] = transition;
    return transition;
  }

  /** Whether a match can begin at a place of that state, at the beginning of the text. */
  canBeginText(state: number): boolean {
    const bit = placeBit(OUTSIDE, this.kinds[state]!);
    const { beginnings, units } = this.follow;
    return (
      (beginnings[units.length]! & bit) !== 0 || this.#sets[state]!.some((unit) => (beginnings[unit]! & bit) !== 0)
    );
  }

  /** Whether a match can go on with the unit at a place of that state. O(units of the state). */
  canGoOn(state: number, unit: number): boolean {
    return this.#sets[state]!.includes(unit);
  }

  /** Adds the units of the class that can come before `number`, and returns how many there are now. */
  #findBefore(number: number, bit: number, unitClass: number, count: number): number {
    const { starts, before, places } = this.follow;
    for (let i = starts[number]!; i < starts[number + 1]!; i++) {
      const unit = before[i]!;
      if ((places[i]! & bit) === 0 || this.#members[unit]![unitClass] === 0 || this.#found[unit] === this.#round)
        continue;
      this.#found[unit] = this.#round;
      this.#list[count++] = unit;
    }
    return count;
  }

  /** The state of the units found in this round. */
  #intern(hash: number, count: number, kind: number): number {
    const known = this.#byHash.get(hash);
    const same = known?.find((state) => this.kinds[state] === kind && this.#isFound(this.#sets[state]!, count));
    if (same !== undefined) return same;
    return this.stateCount < MAX_STATES ? this.#add(hash, count, kind) : UNKNOWN;
  }

  #isFound(set: Uint16Array, count: number): boolean {
    if (set.length !== count) return false;
    this.work += count;
    for (let i = 0; i < count; i++) if (this.#found[set[i]!] !== this.#round) return false;
    return true;
  }

  #add(hash: number, count: number, kind: number): number {
    const state = this.#sets.push(this.#list.slice(0, count)) - 1;
    this.kinds.push(kind);
    const known = this.#byHash.get(hash);
    if (known === undefined) this.#byHash.set(hash, [state]);
    else known.push(state);
    const needed = (state + 1) * this.classes.count;
    if (needed > this.transitions.length) {
      const larger = new Int32Array(2 * this.transitions.length).fill(UNKNOWN, this.transitions.length);
      larger.set(this.transitions);
      this.transitions = larger;
    }
    return state;
  }
}
