import { LinearRegex } from '../../../src/bytes/regex/linear-regex.ts';
import { parseRegex } from '../../../src/bytes/regex/parse-regex.ts';
import { ACCESS_EXPRESSION, accessLines } from './access-lines.ts';
import { measure } from './measure.ts';

const ROUNDS = 50;

const node = parseRegex(ACCESS_EXPRESSION);
if ('problem' in node) throw new Error(node.problem);
const lines = accessLines(1000);
const tried = new RegExp(ACCESS_EXPRESSION.replaceAll(/\?<[^>]*>/g, ''));
let found = 0;

measure('a line in V8, which tries', lines.length * ROUNDS, () => {
  for (let i = 0; i < ROUNDS; i++) for (const line of lines) if (tried.exec(line) !== null) found++;
});
for (const { name, triesFirst } of [
  { name: 'a line in BoundedTries', triesFirst: true },
  { name: 'a line in LinearRegex, read twice', triesFirst: false },
]) {
  const regex = LinearRegex.create(node, triesFirst);
  if (regex === undefined) throw new Error('Cannot make the expression');
  measure(name, lines.length * ROUNDS, () => {
    for (let i = 0; i < ROUNDS; i++) {
      for (const line of lines) {
        regex.begin(line);
        found += regex.find(0);
      }
    }
  });
}
if (found % lines.length !== 0) throw new Error('Cannot match lines');
