import type { CharSet } from './char-set.ts';

/** What is wrong with a pattern; columns count characters from 1. */
export interface PatternProblem {
  readonly column: number;
  readonly problem: string;
  readonly hint: string;
}

/** A part of a regular expression. Nodes never change, so that several may share one. */
export type RegexNode =
  /** One character of a set. */
  | { readonly kind: 'set'; readonly set: CharSet }
  /** A place that has no width: `^`, `$`, `\b` or `\B`. */
  | { readonly kind: 'place'; readonly source: string }
  | { readonly kind: 'sequence'; readonly items: readonly RegexNode[] }
  | { readonly kind: 'choice'; readonly branches: readonly RegexNode[] }
  | RegexRepeat
  /** What is wanted of the line, under `name`. */
  | { readonly kind: 'field'; readonly name: string; readonly body: RegexNode };

/** A part that comes several times; `max` may be Infinity. */
export interface RegexRepeat {
  readonly kind: 'repeat';
  readonly body: RegexNode;
  readonly min: number;
  readonly max: number;
  readonly isLazy: boolean;
}

/** How many UTF-16 units the part takes of the line, or -1: it depends. */
export function widthOf(node: RegexNode): number {
  switch (node.kind) {
    case 'set':
      return 1;
    case 'place':
      return 0;
    case 'sequence': {
      let width = 0;
      for (const item of node.items) {
        const part = widthOf(item);
        if (part < 0) return -1;
        width += part;
      }
      return width;
    }
    case 'choice': {
      const [first = 0, ...others] = node.branches.map(widthOf);
      return others.every((width) => width === first) ? first : -1;
    }
    case 'repeat': {
      const width = widthOf(node.body);
      return node.min === node.max && width >= 0 ? node.min * width : -1;
    }
    case 'field':
      return widthOf(node.body);
    default:
      return node satisfies never;
  }
}

/** The names of the fields inside, in the order in which they begin; a name may come twice. */
export function fieldNames(node: RegexNode): string[] {
  switch (node.kind) {
    case 'set':
    case 'place':
      return [];
    case 'sequence':
      return node.items.flatMap(fieldNames);
    case 'choice':
      return node.branches.flatMap(fieldNames);
    case 'repeat':
      return fieldNames(node.body);
    case 'field':
      return [node.name, ...fieldNames(node.body)];
    default:
      return node satisfies never;
  }
}

/** Whether the part can match without taking anything. */
export function canBeEmpty(node: RegexNode): boolean {
  switch (node.kind) {
    case 'set':
      return false;
    case 'place':
      return true;
    case 'sequence':
      return node.items.every(canBeEmpty);
    case 'choice':
      return node.branches.some(canBeEmpty);
    case 'repeat':
      return node.min === 0 || canBeEmpty(node.body);
    case 'field':
      return canBeEmpty(node.body);
    default:
      return node satisfies never;
  }
}
