import type { ASTNode } from '@marcbachmann/cel-js';
import { attributeOf, isAttributes } from './field.ts';

/** The names of the attributes that an expression looks at; undefined: it may look at any. */
export function attributesIn(node: ASTNode): ReadonlySet<string> | undefined {
  const names = new Set<string>();
  return addNames(node, names) ? names : undefined;
}

/** Adds the names in a part of a tree; false: it uses the map of attributes as a whole, or by a name that it computes. */
function addNames(part: unknown, names: Set<string>): boolean {
  if (Array.isArray(part)) return part.every((inner) => addNames(inner, names));
  if (!isNode(part)) return true;
  const name = attributeOf(part) ?? membershipOf(part);
  if (name !== undefined) {
    names.add(name);
    return true;
  }
  return part.op === 'value' || (!isAttributes(part) && addNames(part.args, names));
}

/** The attribute of `"name" in attributes`; undefined: the expression is something else. */
function membershipOf(node: ASTNode): string | undefined {
  if (node.op !== 'in') return undefined;
  const [name, of] = node.args;
  return isAttributes(of) && name.op === 'value' && typeof name.args === 'string' ? name.args : undefined;
}

function isNode(part: unknown): part is ASTNode {
  return typeof part === 'object' && part !== null && 'op' in part;
}
