import fc from 'fast-check';
import { Random } from './random.ts';

/**
 * Expressions of all kinds, with what makes them cost much: repetitions in each other, counts, and choices that are
 * alike. They have no fields.
 */
export const nastyExpression: fc.Arbitrary<string> = fc.letrec<{ node: string; atom: string; items: string }>(
  (tie) => ({
    atom: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom('a', 'b', 'c', '[ab]', '[^a]', '\\w', ' ', '\\s', '.', '\\b', '$'),
      tie('node').map((node) => `(?:${node})`),
    ),
    items: fc
      .array(
        fc.tuple(
          tie('atom'),
          fc.constantFrom('', '', '', '*', '+', '?', '*?', '+?', '{2}', '{1,3}', '{0,12}', '{3,}', '{80}', '{1,70}'),
        ),
        { minLength: 1, maxLength: 5 },
      )
      .map((items) => items.map(([atom, count]) => (/^(?:\\b|\$)$/.test(atom) ? atom : atom + count)).join('')),
    node: fc.oneof(
      { depthSize: 'small' },
      tie('items'),
      fc.tuple(tie('items'), tie('items')).map(([a, b]) => `${a}|${b}`),
    ),
  }),
).node;

const part = fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' '), minLength: 1, maxLength: 4 });

/** Lines that make an engine go back: the same thing again and again, and at last another one. Each of any length. */
export const nastyLine: fc.Arbitrary<(length: number) => string> = fc
  .tuple(
    fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' '), maxLength: 4 }),
    fc.array(part, { minLength: 1, maxLength: 2 }),
    fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' ', '!'), maxLength: 4 }),
  )
  .map(([begin, again, end]) => (length) => {
    const room = Math.max(0, length - begin.length - end.length);
    const repeated = again.map((text) => text.repeat(Math.ceil(room / again.length / text.length))).join('');
    return (begin + repeated.slice(0, room) + end).slice(0, length);
  });

/** Lines of units in no order. */
export function noiseOf(units: string, seed: number): (length: number) => string {
  const random = new Random(seed);
  const choices = [...units];
  return (length) => Array.from({ length }, () => random.pick(choices)).join('');
}
