import type { RegexFollow } from './regex-follow.ts';
import type { RegexProgram, RegexStep } from './regex-program.ts';
import { type UnitClasses, WORD } from './unit-classes.ts';

/** How a search ended. */
export const NOT_FOUND = 0;
export const FOUND = 1;
/** It would have needed more tries than it may. */
export const GAVE_UP = 2;

/** Steps that the searches in a text may take, of 2 to 10 ns: this many, and so many a unit. */
const STEPS = 256;
const STEPS_PER_UNIT = 8;

const UNIT = 0;
const SPLIT = 1;
/** As many units of a set as there are, and fewer where what follows asks for it. */
const RUN = 2;
/** As few of them as possible. */
const LAZY_RUN = 3;
const BEGIN = 4;
const END = 5;
const BOUNDARY = 6;
const NO_BOUNDARY = 7;
const SAVE = 8;
const CLEAR = 9;
const TURNED = 10;
const DONE = 11;

/** What is taken up again when a way leads nowhere: four numbers each. */
const TRY_OTHER = 0;
const TRY_SHORTER = 1;
const TRY_LONGER = 2;
const RESTORE = 3;

const ASCII = 128;

/** With more to take up again, a search gives up: 1 MiB. */
const MAX_STACK = 1 << 18;

/** What is left to try. One search at a time needs it, so all expressions share it. */
let stack = new Int32Array(1024);

function growStack(): void {
  const larger = new Int32Array(2 * stack.length);
  larger.set(stack);
  stack = larger;
}

/**
 * Tries one way after the other, as V8 does, and gives up where that takes more steps than a line may cost: whoever asks
 * has another way then. Most lines are read with few tries, in 3 ns a unit (test/bench/micro/linear-regex.bench.ts).
 */
export class BoundedTries {
  start = -1;
  end = -1;
  readonly #spans: Int32Array;
  readonly #first: number;
  readonly #ops: Uint8Array;
  /** The set of a unit, the register, or where a range of registers begins. */
  readonly #values: Int32Array;
  readonly #next: Int32Array;
  readonly #others: Int32Array;
  /** The set of the unit that must follow a run, or -1. */
  readonly #behind: Int32Array;
  /** Whether the set has the unit, by set and unit, for ASCII; and by set and class. */
  readonly #ascii: Uint8Array;
  readonly #members: readonly Uint8Array[];
  readonly #classes: UnitClasses;
  /** The sets with which a match can begin, as members of one: the last one. Empty matches: -1. */
  readonly #beginSet: number;
  readonly #isAnchored: boolean;
  #text = '';
  #allowed = 0;
  #steps = 0;
  /** The step that is next, the place of it, whether the turn has taken something, and how much is on the stack. */
  #step = 0;
  #at = 0;
  #hasTurned = 1;
  #top = 0;

  /** `spans` takes the places of fields. */
  constructor(program: RegexProgram, follow: RegexFollow, classes: UnitClasses, spans: Int32Array) {
    this.#spans = spans;
    this.#classes = classes;
    this.#first = program.start;
    const count = program.steps.length;
    this.#ops = new Uint8Array(count);
    this.#values = new Int32Array(count);
    this.#next = new Int32Array(count);
    this.#others = new Int32Array(count);
    this.#behind = new Int32Array(count).fill(-1);
    this.#members = [...program.sets.map((set) => classes.membersOf(set)), beginnersOf(program, follow, classes)];
    this.#ascii = new Uint8Array(ASCII * this.#members.length);
    for (const [set, members] of this.#members.entries()) {
      for (let unit = 0; unit < ASCII; unit++) this.#ascii[ASCII * set + unit] = members[classes.of(unit)]!;
    }
    const end = follow.units.length;
    this.#beginSet = follow.beginnings[end] === 0 ? this.#members.length - 1 : -1;
    // Places at which something stands before are not the beginning of the text.
    this.#isAnchored = follow.beginnings.every((places) => (places & ~0o7) === 0);
    for (const [index, step] of program.steps.entries()) this.#write(program.steps, index, step);
  }

  #write(steps: readonly RegexStep[], index: number, step: RegexStep): void {
    this.#ops[index] = opOf(step);
    if (step.kind === 'split') this.#writeSplit(steps, index, step);
    else if (step.kind !== 'match') this.#next[index] = step.next;
    if (step.kind === 'unit') this.#values[index] = step.set;
    else if (step.kind === 'save') this.#values[index] = step.register;
    else if (step.kind === 'clear') {
      this.#values[index] = step.from;
      this.#others[index] = step.isTurn ? step.to : -1 - step.to;
    }
  }

  /** One that leads to a unit and back is a run of units. */
  #writeSplit(steps: readonly RegexStep[], index: number, { first, second }: { first: number; second: number }): void {
    this.#next[index] = first;
    this.#others[index] = second;
    for (const [turn, exit, op] of [
      [first, second, RUN],
      [second, first, LAZY_RUN],
    ] as const) {
      const unit = steps[turn];
      if (unit?.kind !== 'unit' || unit.next !== index) continue;
      const behind = steps[exit];
      this.#ops[index] = op;
      this.#values[index] = unit.set;
      this.#next[index] = exit;
      this.#behind[index] = behind?.kind === 'unit' ? behind.set : -1;
      return;
    }
  }

  /** How many steps the searches in this text have taken. */
  get taken(): number {
    return this.#allowed - this.#steps;
  }

  /** Takes the text in which to search, with so many steps; without any, searches give up at once. */
  begin(text: string, steps = STEPS + STEPS_PER_UNIT * text.length): void {
    this.#text = text;
    this.#allowed = steps;
    this.#steps = steps;
  }

  /** Finds the first match that begins at `from` or behind; then `start`, `end` and the spans are set. */
  search(from: number): number {
    const text = this.#text;
    for (let start = from; start <= text.length; start++) {
      if (this.#isAnchored && start > 0) return NOT_FOUND;
      if (this.#beginSet >= 0) {
        const skipped = start;
        while (start < text.length && !this.#has(this.#beginSet, start)) start++;
        this.#steps -= (start - skipped) >> 2;
        if (start === text.length || (this.#isAnchored && start > 0)) return NOT_FOUND;
      }
      this.start = start;
      const result = this.#try(start);
      if (result !== NOT_FOUND) return result;
    }
    return NOT_FOUND;
  }

  #has(set: number, at: number): boolean {
    const unit = this.#text.charCodeAt(at);
    if (unit < ASCII) return this.#ascii[ASCII * set + unit] === 1;
    return this.#members[set]![this.#classes.of(unit)] === 1;
  }

  /** Where the run of units of the set ends that begins at a place. */
  #runOf(set: number, at: number): number {
    const text = this.#text;
    const ascii = this.#ascii;
    const base = ASCII * set;
    const length = text.length;
    while (at < length) {
      const unit = text.charCodeAt(at);
      if (unit < ASCII ? ascii[base + unit] === 0 : this.#members[set]![this.#classes.of(unit)] === 0) break;
      at++;
    }
    return at;
  }

  #isBoundary(at: number): boolean {
    return this.#isWord(at - 1) !== this.#isWord(at);
  }

  #isWord(at: number): boolean {
    if (at < 0 || at >= this.#text.length) return false;
    return this.#classes.kinds[this.#classes.of(this.#text.charCodeAt(at))] === WORD;
  }

  /** Tries all ways from a place on. */
  #try(start: number): number {
    this.#spans.fill(-1);
    this.#steps -= this.#spans.length >> 4;
    this.#top = 0;
    this.#step = this.#first;
    this.#at = start;
    this.#hasTurned = 1;
    for (;;) {
      if (--this.#steps < 0 || this.#top > MAX_STACK) return GAVE_UP;
      if (this.#top + 4 > stack.length) growStack();
      const step = this.#takeUnits();
      const op = this.#ops[step]!;
      if (op === DONE) {
        this.end = this.#at;
        return FOUND;
      }
      this.#step = this.#next[step]!;
      if (!this.#take(op, step) && !this.#resume()) return NOT_FOUND;
    }
  }

  /** Takes single units as long as they are there; returns the step behind them, or the one that is not. */
  #takeUnits(): number {
    const text = this.#text;
    const ops = this.#ops;
    const values = this.#values;
    const ascii = this.#ascii;
    let step = this.#step;
    let at = this.#at;
    while (ops[step] === UNIT && at < text.length) {
      const set = values[step]!;
      const unit = text.charCodeAt(at);
      if (unit < ASCII ? ascii[ASCII * set + unit] === 0 : this.#members[set]![this.#classes.of(unit)] === 0) break;
      step = this.#next[step]!;
      at++;
    }
    if (at > this.#at) {
      this.#steps -= (at - this.#at) >> 1;
      this.#hasTurned = 1;
      this.#at = at;
    }
    return step;
  }

  /** Takes a step; returns whether the way goes on behind it. */
  #take(op: number, step: number): boolean {
    const at = this.#at;
    switch (op) {
      case UNIT:
        // One that is there was taken before.
        return false;
      case SPLIT:
        this.#leave(this.#others[step]!, at, this.#hasTurned, TRY_OTHER);
        return true;
      case RUN: {
        const end = this.#runOf(this.#values[step]!, at);
        if (end === at) return true;
        this.#steps -= (end - at) >> 2;
        this.#leave(step, end, 2 * at + this.#hasTurned, TRY_SHORTER);
        this.#at = end;
        this.#hasTurned = 1;
        return true;
      }
      case LAZY_RUN:
        this.#leave(step, at, this.#hasTurned, TRY_LONGER);
        return true;
      case SAVE:
        this.#set(this.#values[step]!, at);
        return true;
      case CLEAR: {
        const to = this.#others[step]!;
        this.#clear(this.#values[step]!, to < 0 ? -1 - to : to);
        if (to >= 0) this.#hasTurned = 0;
        return true;
      }
      case TURNED:
        return this.#hasTurned === 1;
      default:
        return this.#isPlace(op, at);
    }
  }

  #isPlace(op: number, at: number): boolean {
    if (op === BEGIN) return at === 0;
    if (op === END) return at === this.#text.length;
    return this.#isBoundary(at) === (op === BOUNDARY);
  }

  /** Notes what can be taken up again. */
  #leave(what: number, place: number, how: number, kind: number): void {
    const top = this.#top;
    stack[top] = what;
    stack[top + 1] = place;
    stack[top + 2] = how;
    stack[top + 3] = kind;
    this.#top = top + 4;
  }

  /** Goes back to the way that was left last; false: none is left. */
  #resume(): boolean {
    while (this.#top > 0) {
      const top = (this.#top -= 4);
      const what = stack[top]!;
      const place = stack[top + 1]!;
      const how = stack[top + 2]!;
      switch (stack[top + 3]) {
        case RESTORE:
          this.#spans[what] = place;
          continue;
        case TRY_OTHER:
          this.#step = what;
          this.#at = place;
          this.#hasTurned = how;
          return true;
        case TRY_SHORTER:
          this.#shorten(what, place, how);
          return true;
        default:
          if (this.#lengthen(what, place)) return true;
      }
    }
    return false;
  }

  /** Takes fewer units of a run, as many as leave what must follow it. */
  #shorten(run: number, end: number, how: number): void {
    const from = how >> 1;
    const behind = this.#behind[run]!;
    let at = end - 1;
    if (behind >= 0) while (at > from && !this.#has(behind, at)) at--;
    this.#steps -= (end - at) >> 2;
    if (at > from) this.#leave(run, at, how, TRY_SHORTER);
    this.#hasTurned = at > from ? 1 : how & 1;
    this.#at = at;
    this.#step = this.#next[run]!;
  }

  /** Takes more units for a lazy run, up to what must follow it; false: there are none. */
  #lengthen(run: number, end: number): boolean {
    const { length } = this.#text;
    const set = this.#values[run]!;
    const behind = this.#behind[run]!;
    if (end >= length || !this.#has(set, end)) return false;
    let at = end + 1;
    if (behind >= 0) while (at < length && !this.#has(behind, at) && this.#has(set, at)) at++;
    this.#steps -= (at - end) >> 2;
    this.#leave(run, at, 1, TRY_LONGER);
    this.#hasTurned = 1;
    this.#at = at;
    this.#step = this.#next[run]!;
    return true;
  }

  #set(register: number, value: number): void {
    if (this.#top + 4 > stack.length) growStack();
    this.#leave(register, this.#spans[register]!, 0, RESTORE);
    this.#spans[register] = value;
  }

  /** Forgets registers. */
  #clear(from: number, to: number): void {
    this.#steps -= (to - from) >> 2;
    for (let register = from; register < to; register++) if (this.#spans[register] !== -1) this.#set(register, -1);
  }
}

function opOf(step: RegexStep): number {
  switch (step.kind) {
    case 'unit':
      return UNIT;
    case 'split':
      return SPLIT;
    case 'save':
      return SAVE;
    case 'clear':
      return CLEAR;
    case 'turned':
      return TURNED;
    case 'match':
      return DONE;
    case 'place':
      return step.source === '^' ? BEGIN : step.source === '$' ? END : step.source === '\\b' ? BOUNDARY : NO_BOUNDARY;
    default:
      return step satisfies never;
  }
}

/** The classes of the units with which a match can begin. */
function beginnersOf({ steps, sets }: RegexProgram, follow: RegexFollow, classes: UnitClasses): Uint8Array {
  const begins = new Uint8Array(classes.count);
  for (const [number, index] of follow.units.entries()) {
    const step = steps[index]!;
    if (follow.beginnings[number] === 0 || step.kind !== 'unit') continue;
    for (const [unitClass, isMember] of classes.membersOf(sets[step.set]!).entries()) begins[unitClass]! |= isMember;
  }
  return begins;
}
