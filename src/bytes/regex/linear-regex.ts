import { BackwardAutomaton, NO_STATE } from './backward-automaton.ts';
import { BoundedTries, FOUND, GAVE_UP } from './bounded-tries.ts';
import { ForwardWalker, type Way } from './forward-walker.ts';
import type { RegexNode } from './regex-node.ts';
import { createProgram, type RegexProgram } from './regex-program.ts';
import { StepAllowance } from './step-allowance.ts';
import { NO_WORD, OUTSIDE } from './unit-classes.ts';

/** It does not match. */
export const NO_MATCH = 0;
/** It does. */
export const MATCH = 1;
/** To tell would cost more than a line may. */
export const TOO_COSTLY = 2;

/** The states of so many places are kept at a time; of longer texts they are made again, block by block. */
const BLOCK = 1 << 16;
/** Steps that a text may take for each unit, of 5 to 12 ns: half a millisecond a KiB. Short texts count as a KiB. */
const STEPS_PER_UNIT = 56;
const SHORT = 1024;

/** The states of one text at a time are needed, so all expressions share the room for them. */
const states = new Uint16Array(BLOCK);

/**
 * A regular expression that needs linear time for any text. It tries one way after the other while that is cheap, as it
 * is for most texts. Then it goes over the text twice: from the end to the beginning, to know where matches can begin and
 * go on, and from there along the one way that the pattern prefers, which is the one that trying would have found.
 * About 7 ns a unit for the first, 20 for the second (test/bench/micro/linear-regex.bench.ts).
 *
 * What that costs, because a text leads to ever new states, is bounded, too: `STEPS_PER_UNIT`, counted before they are
 * taken, and `TOO_COSTLY` is what is said of a text that needs more.
 */
export class LinearRegex {
  /** The places of the match found last. */
  start = -1;
  end = -1;
  /** Where each field of it starts and ends; -1: it took no part. */
  readonly spans: Int32Array;
  readonly fields: readonly string[];
  readonly #program: RegexProgram;
  readonly #automaton: BackwardAutomaton;
  readonly #walker: ForwardWalker;
  readonly #tries: BoundedTries;
  readonly #triesFirst: boolean;
  /** Whether the text is being tried; else it was read. */
  #isTrying = false;
  #text = '';
  /** Where the first match begins; -1: there is none. */
  #first = -1;
  /** The state at the beginning of each block but the first, and at the end of the text. */
  readonly #marks: number[] = [];
  /** The block whose states are there. */
  #block = 0;
  readonly #allowance: StepAllowance;
  /** The steps that this text got to be read. */
  #granted = 0;

  private constructor(
    program: RegexProgram,
    automaton: BackwardAutomaton,
    allowance: StepAllowance,
    triesFirst: boolean,
  ) {
    this.#triesFirst = triesFirst;
    this.#program = program;
    this.#automaton = automaton;
    this.#allowance = allowance;
    this.#walker = new ForwardWalker(program, automaton, allowance);
    this.fields = program.fields;
    this.spans = new Int32Array(2 * program.fields.length);
    this.#tries = new BoundedTries(program, automaton.follow, automaton.classes, this.spans);
  }

  /** undefined: it would be too large. `triesFirst`: whether ways are tried at all. */
  static create(node: RegexNode, triesFirst = true): LinearRegex | undefined {
    const program = createProgram(node);
    const allowance = new StepAllowance();
    const automaton = program && BackwardAutomaton.create(program, allowance);
    return program && automaton && new LinearRegex(program, automaton, allowance, triesFirst);
  }

  /** How many ways were tried, in steps, to find what was asked for in this text. */
  get tried(): number {
    return this.#tries.taken;
  }

  /** How many steps were taken for this text, to try and to read it. */
  get steps(): number {
    return this.tried + this.#granted - Math.max(0, this.#allowance.left);
  }

  /** Whether it matches somewhere in the text. */
  test(text: string): number {
    this.begin(text);
    const tried = this.#tries.search(0);
    if (tried === GAVE_UP) return this.#read();
    return tried === FOUND ? MATCH : NO_MATCH;
  }

  /** Takes the text in which `find()` finds matches, until another expression takes one. */
  begin(text: string): void {
    this.#text = text;
    this.#isTrying = true;
    this.#granted = 0;
    this.#allowance.left = 0;
    this.#tries.begin(text, this.#triesFirst ? undefined : 0);
  }

  /** Finds the first match that begins at `from` or behind; then `start`, `end` and `spans` are set. O(length). */
  find(from: number): number {
    if (this.#isTrying) {
      const tried = this.#tries.search(from);
      if (tried !== GAVE_UP) {
        this.start = this.#tries.start;
        this.end = this.#tries.end;
        return tried === FOUND ? MATCH : NO_MATCH;
      }
      const found = this.#read();
      if (found !== MATCH) return found;
      this.#isTrying = false;
    }
    return this.#walk(from);
  }

  /** Goes over the text from its end on, and tells whether it matches anywhere. O(length). */
  #read(): number {
    const text = this.#text;
    this.#first = -1;
    this.#marks.length = 0;
    if (this.#automaton.isFull) {
      this.#automaton.forget();
      this.#walker.forget();
    }
    this.#granted = STEPS_PER_UNIT * Math.max(SHORT, text.length);
    this.#allowance.left = this.#granted;
    let state = 0;
    for (let block = Math.floor(text.length / BLOCK); block >= 0; block--) {
      this.#marks[block + 1] = state;
      state = this.#readBlock(block, state);
      if (state < 0) return TOO_COSTLY;
    }
    this.#block = 0;
    if (this.#automaton.canBeginText(state)) this.#first = 0;
    return this.#first < 0 ? NO_MATCH : MATCH;
  }

  /**
   * Fills in the states of the places in the block, behind which `state` is, and returns the first of them; negative: it
   * would cost too much.
   */
  #readBlock(block: number, state: number): number {
    const { classes, pages, count } = this.#automaton.classes;
    const text = this.#text;
    const from = block * BLOCK;
    let { transitions } = this.#automaton;
    // The state at the end of the text has no unit behind it.
    if (from + BLOCK > text.length) states[text.length - from] = state;
    for (let at = Math.min(text.length, from + BLOCK) - 1; at >= from; at--) {
      const unit = text.charCodeAt(at);
      const unitClass = classes[pages[unit >> 8]! + (unit & 0xff)]!;
      let transition = transitions[state * count + unitClass]!;
      if (transition < 0) {
        transition = this.#automaton.make(state, unitClass);
        if (transition === NO_STATE) return NO_STATE;
        transitions = this.#automaton.transitions;
      }
      if ((transition & 1) !== 0) this.#first = at + 1;
      state = transition >> 1;
      states[at - from] = state;
    }
    return state;
  }

  /** The same as `find()` in a text that was read. */
  #walk(from: number): number {
    const start = from <= this.#first ? this.#first : this.#nextBeginning(from);
    if (start < 0) return NO_MATCH;
    this.spans.fill(-1);
    this.start = start;
    const { hasWords } = this.#automaton;
    let step = this.#program.start;
    let state = -1;
    let before = -1;
    let origin = -1;
    let way: Way | undefined;
    for (let at = start; ; at++) {
      const stateHere = this.#stateAt(at);
      const beforeHere = at === 0 ? OUTSIDE : hasWords ? this.#kindBefore(at) : NO_WORD;
      // In a run of similar units it is the same way again and again.
      if (way === undefined || origin !== step || stateHere !== state || beforeHere !== before) {
        way = this.#walker.wayFrom(step, stateHere, beforeHere);
        if (way === undefined) return TOO_COSTLY;
      }
      origin = step;
      state = stateHere;
      before = beforeHere;
      if (way.notes.length > 0 && !this.#write(way.notes, at)) return TOO_COSTLY;
      if (way.next < 0) {
        this.end = at;
        return MATCH;
      }
      step = way.next;
    }
  }

  /** Takes the notes down; false: that takes more steps than are left. */
  #write(notes: readonly number[], at: number): boolean {
    if (!this.#allowance.take(notes.length >> 2)) return false;
    for (let i = 0; i < notes.length; i++) {
      const note = notes[i]!;
      if (note >= 0) this.spans[note] = at;
      else this.spans[-1 - note] = -1;
    }
    return true;
  }

  #nextBeginning(from: number): number {
    const { count } = this.#automaton.classes;
    for (let at = Math.max(from, this.#first); this.#first >= 0 && at <= this.#text.length; at++) {
      const state = this.#stateAt(at);
      if (at === 0) {
        if (this.#automaton.canBeginText(state)) return 0;
      } else if ((this.#automaton.transitions[state * count + this.#classOf(at - 1)]! & 1) !== 0) return at;
    }
    return -1;
  }

  #classOf(at: number): number {
    const unit = this.#text.charCodeAt(at);
    return this.#automaton.classes.classes[this.#automaton.classes.pages[unit >> 8]! + (unit & 0xff)]!;
  }

  #kindBefore(at: number): number {
    return this.#automaton.classes.kinds[this.#classOf(at - 1)]!;
  }

  #stateAt(at: number): number {
    const inside = at - this.#block * BLOCK;
    return inside >= 0 && inside < BLOCK ? states[inside]! : this.#stateInBlock(Math.floor(at / BLOCK), at);
  }

  #stateInBlock(block: number, at: number): number {
    // The states of the block are all known, only not which one is where.
    const first = this.#first;
    this.#readBlock(block, this.#marks[block + 1]!);
    this.#first = first;
    this.#block = block;
    return states[at - block * BLOCK]!;
  }
}
