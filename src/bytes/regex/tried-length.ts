import { type CharRange, merged, positiveRanges } from './char-set.ts';
import type { RegexNode, RegexRepeat } from './regex-node.ts';

/**
 * Whether, and for which texts, V8's usual engine is good for an expression. It tries one way after the other, and is
 * several times as fast as any other while there is little to try. What it has to try at most follows from the
 * expression: at each place where two ways can begin with the same unit, it may go both.
 *
 * - From each beginning of a match, unless that is `^`, it reads through a repetition and fails behind it.
 * - A repetition without a limit that may stop at several places multiplies what comes behind it by the length.
 * - Other choices and counts multiply it by the number of their ways.
 * - In a repetition, all of these multiply with each turn: such an expression is never tried.
 */
export function triedLength(node: RegexNode): number {
  const cost = new TryCost();
  cost.visit(node, { ranges: [], isSure: true, head: [], looks: 0 }, false);
  if (cost.isEndless) return 0;
  const beginnings = beginsText(node) ? 0 : 1;
  const power = beginnings + cost.factors + (cost.canFail ? 1 : 0);
  const perUnit =
    STEP_NS * cost.ways * Math.max(cost.looks, beginnings === 0 && !cost.hasChoiceInLoop ? 1 : cost.width);
  if (perUnit > MAX_NS_PER_UNIT) return 0;
  if (power <= 1) return Number.POSITIVE_INFINITY;
  // Of length ** power / power! tries, these come on each unit.
  const tries = MAX_NS_PER_UNIT / (STEP_NS * cost.ways * (cost.looks + cost.tail + cost.checks));
  if (power === 2) return Math.floor(2 * tries);
  return power === 3 ? Math.floor(Math.sqrt(6 * tries)) : 0;
}

/** What a step costs V8 (measured: 0.6 to 5 ns), and what a unit may cost: 0.5 ms a KiB. */
const STEP_NS = 2;
const MAX_NS_PER_UNIT = 500;
/** Counts above this are taken for repetitions without a limit. */
const MANY_TURNS = 64;
const MANY_WAYS = 1000;

/** What can come next. */
interface Rest {
  /** The units with which it can begin, in order, if it takes any. */
  readonly ranges: readonly CharRange[];
  /** Whether the match can end here whatever comes: nothing fails behind that. */
  readonly isSure: boolean;
  /** The units that come next for certain. */
  readonly head: readonly (readonly CharRange[])[];
  /** How many units and places are asked for before it fails, where nothing of it is there. */
  readonly looks: number;
}

class TryCost {
  /** In how many ways the same text can be read, but for repetitions without a limit. */
  ways = 1;
  /** How many repetitions without a limit multiply what comes behind them. */
  factors = 0;
  /** How many units and places are asked for behind such a repetition, at most, where nothing of that is there. */
  looks = 1;
  /** How many units are read behind such a repetition that stopped too early or too late, at most. */
  tail = 0;
  /** How many places, counts and other branches are looked at in a turn of such a repetition, at most. */
  checks = 0;
  /** Whether something behind the last repetition without a limit, or in it, can fail. */
  canFail = false;
  /** How many units are read without such a repetition. */
  width = 0;
  /** Whether the units of a repetition without a limit have a choice. */
  hasChoiceInLoop = false;
  /** Whether what must be tried has no bound that is worth having. */
  isEndless = false;

  /** Adds what a part costs in front of `rest`, from the end of the expression to its beginning; gives both as a rest. */
  visit(node: RegexNode, rest: Rest, isRepeated: boolean): Rest {
    if (this.isEndless) return rest;
    switch (node.kind) {
      case 'set':
        this.width++;
        return setRest(positiveRanges(node.set), rest.head);
      case 'place':
        return { ...rest, isSure: false, looks: 1 + rest.looks };
      case 'sequence':
        return node.items.reduceRight((after, item) => this.visit(item, after, isRepeated), rest);
      case 'choice':
        return this.#visitChoice(node.branches, rest, isRepeated);
      case 'field':
        return this.visit(node.body, rest, isRepeated);
      case 'repeat':
        return isCounted(node) ? this.#visitCount(node, rest, isRepeated) : this.#visitLoop(node, rest, isRepeated);
      default:
        return node satisfies never;
    }
  }

  #visitChoice(branches: readonly RegexNode[], rest: Rest, isRepeated: boolean): Rest {
    const rests = branches.map((branch) => this.visit(branch, rest, isRepeated));
    const heads = branches.map((branch, i) => {
      const head = headOf(branch);
      return head.length > 0 ? head : [rests[i]!.ranges];
    });
    if (isRepeated) this.hasChoiceInLoop = true;
    this.#multiply(
      Math.max(...heads.map((head) => heads.filter((other) => mayBeSame(head, other)).length)),
      isRepeated,
    );
    return {
      ranges: union(rests.map(({ ranges }) => ranges)),
      isSure: rests.some(({ isSure }) => isSure),
      head: [],
      looks: rests.reduce((sum, { looks }) => sum + looks, 0),
    };
  }

  /** A repetition whose turns are few. */
  #visitCount({ body, min, max }: RegexRepeat, rest: Rest, isRepeated: boolean): Rest {
    if (max === 0) return rest;
    const { ways, factors, width } = this;
    const first = beginningOf(body);
    // A repetition in one turn has those of the other turns behind it.
    if (max > 1 && hasLoop(body)) this.canFail = true;
    // Another turn that must come can fail.
    const isSure = rest.isSure && min <= 1;
    const behind =
      max > 1 ? { ranges: union([first.ranges, rest.ranges]), isSure, head: [], looks: 1 + rest.looks } : rest;
    const inside = this.visit(body, behind, isRepeated);
    // Each turn can be read in as many ways as the first one.
    this.ways = ways * (this.ways / ways) ** max;
    this.factors = factors + (this.factors - factors) * max;
    this.width = width + (this.width - width) * max;
    if (first.isSure && max > 1) this.#multiply(max, isRepeated);
    if (min < max && overlap(first.ranges, rest.ranges)) this.#multiply(max - min + 1, isRepeated);
    if (this.ways > MANY_WAYS) this.isEndless = true;
    return min === 0 ? eitherOf(inside, rest) : inside;
  }

  /** A repetition without a limit. */
  #visitLoop({ body, min, max }: RegexRepeat, rest: Rest, isRepeated: boolean): Rest {
    const first = beginningOf(body);
    // A turn that takes nothing makes it endless in more ways than one.
    if (first.isSure) this.isEndless = true;
    if (overlap(first.ranges, rest.ranges)) {
      if (isRepeated) this.isEndless = true;
      // What comes behind the last one is short.
      if (this.canFail) this.factors++;
      const apart = rest.head.findIndex((ranges) => body.kind === 'set' && !overlap(first.ranges, ranges));
      this.tail = Math.max(this.tail, apart < 0 ? this.width : apart);
    }
    if (!rest.isSure || min > 1) this.canFail = true;
    // One that is counted has its turns looked at one by one.
    this.looks = Math.max(this.looks, rest.looks + (max === Number.POSITIVE_INFINITY ? 0 : 2));
    this.checks = Math.max(this.checks, checksOf(body));
    const ranges = union([first.ranges, rest.ranges]);
    const inside = this.visit(body, { ranges, isSure: rest.isSure, head: [], looks: 1 + rest.looks }, true);
    return min === 0 ? eitherOf(inside, rest) : inside;
  }

  #multiply(ways: number, isRepeated: boolean): void {
    if (ways <= 1) return;
    this.ways *= ways;
    if (isRepeated || this.ways > MANY_WAYS) this.isEndless = true;
  }
}

/** Longer heads tell nothing more. */
const MAX_HEAD = 40;

function setRest(ranges: readonly CharRange[], behind: Rest['head']): Rest {
  return { ranges, isSure: false, head: [ranges, ...behind.slice(0, MAX_HEAD)], looks: 1 };
}

/** A part, or what is behind it. */
function eitherOf(inside: Rest, rest: Rest): Rest {
  const ranges = union([inside.ranges, rest.ranges]);
  return { ranges, isSure: rest.isSure, head: [], looks: inside.looks + rest.looks };
}

/** Whether a repetition is one of few turns. */
function isCounted({ max }: RegexRepeat): boolean {
  return max <= MANY_TURNS;
}

function hasLoop(node: RegexNode): boolean {
  switch (node.kind) {
    case 'set':
    case 'place':
      return false;
    case 'sequence':
      return node.items.some(hasLoop);
    case 'choice':
      return node.branches.some(hasLoop);
    case 'field':
      return hasLoop(node.body);
    case 'repeat':
      return !isCounted(node) || hasLoop(node.body);
    default:
      return node satisfies never;
  }
}

/** How many places, counts and branches but the first a part has. */
function checksOf(node: RegexNode): number {
  switch (node.kind) {
    case 'set':
      return 0;
    case 'place':
      return 1;
    case 'sequence':
      return node.items.reduce((sum, item) => sum + checksOf(item), 0);
    case 'choice':
      return node.branches.reduce((sum, branch) => sum + checksOf(branch), node.branches.length - 1);
    case 'field':
      return checksOf(node.body);
    case 'repeat':
      return (isCounted(node) ? 1 : 0) + checksOf(node.body);
    default:
      return node satisfies never;
  }
}

/** The units with which a part can begin, and whether it can take nothing (`isSure`). */
function beginningOf(node: RegexNode): Pick<Rest, 'ranges' | 'isSure'> {
  switch (node.kind) {
    case 'set':
      return { ranges: positiveRanges(node.set), isSure: false };
    case 'place':
      return { ranges: [], isSure: true };
    case 'sequence': {
      const ranges: (readonly CharRange[])[] = [];
      for (const item of node.items) {
        const first = beginningOf(item);
        ranges.push(first.ranges);
        if (!first.isSure) return { ranges: union(ranges), isSure: false };
      }
      return { ranges: union(ranges), isSure: true };
    }
    case 'choice': {
      const firsts = node.branches.map(beginningOf);
      return { ranges: union(firsts.map(({ ranges }) => ranges)), isSure: firsts.some(({ isSure }) => isSure) };
    }
    case 'field':
      return beginningOf(node.body);
    case 'repeat': {
      const { ranges, isSure } = beginningOf(node.body);
      return { ranges, isSure: isSure || node.min === 0 };
    }
    default:
      return node satisfies never;
  }
}

/** The units at the places with which a part begins for certain. */
function headOf(node: RegexNode): (readonly CharRange[])[] {
  switch (node.kind) {
    case 'set':
      return [positiveRanges(node.set)];
    case 'sequence': {
      const head: (readonly CharRange[])[] = [];
      for (const item of node.items) {
        head.push(...headOf(item));
        if (item.kind !== 'set') break;
      }
      return head;
    }
    case 'field':
      return headOf(node.body);
    case 'repeat':
      return node.min > 0 ? headOf(node.body) : [];
    case 'place':
    case 'choice':
      return [];
    default:
      return node satisfies never;
  }
}

/** Whether one text can begin with both. */
function mayBeSame(a: readonly (readonly CharRange[])[], b: readonly (readonly CharRange[])[]): boolean {
  return a.every((ranges, i) => i >= b.length || overlap(ranges, b[i]!));
}

function overlap(a: readonly CharRange[], b: readonly CharRange[]): boolean {
  return a.some(([first, last]) => b.some((range) => range[0] <= last && range[1] >= first));
}

function union(all: readonly (readonly CharRange[])[]): readonly CharRange[] {
  return all.length === 1 ? all[0]! : merged(all.flat());
}

/** Whether a match begins at the beginning of the text alone. */
function beginsText(node: RegexNode): boolean {
  switch (node.kind) {
    case 'place':
      return node.source === '^';
    case 'sequence':
      return node.items.length > 0 && beginsText(node.items[0]!);
    case 'choice':
      return node.branches.every(beginsText);
    case 'field':
      return beginsText(node.body);
    case 'repeat':
      return node.min > 0 && beginsText(node.body);
    default:
      return false;
  }
}
