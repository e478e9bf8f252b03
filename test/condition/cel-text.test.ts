import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { celText } from '../../src/condition/cel-text.ts';
import { celLibrary, loadConditions } from '../../src/condition/library.ts';

await loadConditions();

/** Operators and values of an expression as the library reads it, without where they stand in it. */
function treeOf(text: string): unknown {
  return plain(celLibrary().parse(text).ast);
}

function plain(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(plain);
  if (typeof node !== 'object' || node === null) return node;
  return 'op' in node && 'args' in node ? { op: node.op, args: plain(node.args) } : node;
}

test('an expression that is written down again is the same', () => {
  const literals = ['1', '2.5', '1e-12', '1e30', 'true', 'null', '7u', '"a\\n\\"b\\\\"', '"😀"', 'b"\\x00é"'];
  const others = ['attributes.a', 'attributes["x y"]', 'has(attributes.a)', 'size("x")', '[1, 2]', '{"a": 1}'];
  const operators = ['+', '-', '*', '/', '%', '==', '!=', '<', '>=', 'in', '&&', '||'];
  const { expression } = fc.letrec<{ expression: string }>((tie) => {
    const part = tie('expression').map((text) => `(${text})`);
    return {
      expression: fc.oneof(
        { withCrossShrink: true, maxDepth: 4 },
        fc.constantFrom(...literals, ...others),
        fc.double({ noNaN: true, noDefaultInfinity: true, min: 1e-30, max: 0.5 }).map(String),
        fc.tuple(part, fc.constantFrom(...operators), part).map((parts) => parts.join(' ')),
        fc.tuple(part, part, part).map(([condition, yes, no]) => `${condition} ? ${yes} : ${no}`),
        fc.tuple(fc.constantFrom('-', '!'), part).map((parts) => parts.join('')),
        fc.tuple(part, part).map(([of, index]) => `${of}[${index}]`),
        fc.tuple(part, part).map(([of, given]) => `${of}.member.method(${given}, [${given}])`),
      ),
    };
  });
  fc.assert(
    fc.property(expression, (text) => {
      const written = celText(celLibrary().parse(text).ast);
      assert.deepEqual(treeOf(written), treeOf(text), written);
    }),
    { numRuns: 1000 },
  );
});
