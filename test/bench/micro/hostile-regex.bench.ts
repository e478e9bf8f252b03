/**
 * What the worst line costs, by the CPU that it takes: expressions that are known to be bad, and 300 random ones,
 * on lines made for them. The promise is 1 ms a KiB; short lines count as a KiB, because what can be seen of a line of
 * 40 bytes is mostly the clock.
 */
import { setFlagsFromString } from 'node:v8';
import fc from 'fast-check';
import { REGEX_ENGINE_FLAGS } from '../../../src/bytes/regex/engine-flags.ts';
import { GuardedRegex } from '../../../src/bytes/regex/guarded-regex.ts';
import { TOO_COSTLY } from '../../../src/bytes/regex/linear-regex.ts';
import { parseRegex } from '../../../src/bytes/regex/parse-regex.ts';
import { GrokReferences } from '../../../src/stages/grok/grok-references.ts';
import { nastyExpression, nastyLine } from '../../harness/nasty-regex.ts';

for (const flag of REGEX_ENGINE_FLAGS) setFlagsFromString(flag);

const KNOWN = [
  '(a+)+$',
  '^(?:a|b|ab)*c',
  'a.*b.*c',
  '(.*)a(.*)b(.*)c',
  '(?:a?){1000}b',
  '^(?:a{20,}){20,30}$',
  '[ab]{64}c',
  'a.{0,500}b',
  'a[ab]{300}c',
  '(?:[ab]{1,40}c?){20}b',
  '%{IP:x}',
  '%{COMBINEDAPACHELOG}',
  '%{URI:x} %{EMAILADDRESS:y}',
  '%{DATA:a} %{DATA:b} %{DATA:c}!',
];

const LENGTHS = [40, 200, 500, 1000, 2 ** 14];
const REPEATS = 8;

interface Worst {
  readonly msPerKib: number;
  readonly pattern: string;
  readonly text: string;
}

const references = new GrokReferences({});
const random = fc.sample(nastyExpression, { numRuns: 300, seed: 7 });
const lines = fc.sample(nastyLine, { numRuns: 12, seed: 7 });
const worst = new Map<number, Worst>();
let refused = 0;
let costly = 0;
let count = 0;

for (const pattern of [...KNOWN, ...random]) {
  const node = parseRegex(pattern, references);
  if ('problem' in node) throw new Error(`${pattern}: ${node.problem}`);
  const regex = GuardedRegex.create(node);
  if ('problem' in regex) {
    refused++;
    continue;
  }
  // What is made once is not what a line costs.
  regex.linear.begin('');
  for (const length of LENGTHS) {
    for (const line of lines) {
      const text = line(length);
      // A line of a kind comes many times where it is meant: then code is compiled, and samples were looked at.
      const start = process.threadCpuUsage().user;
      let rounds = 0;
      for (; rounds < REPEATS && (rounds < 3 || process.threadCpuUsage().user - start < 20_000); rounds++) {
        if (regex.test(text) === TOO_COSTLY) costly++;
      }
      const ms = (process.threadCpuUsage().user - start) / rounds / 1000;
      const msPerKib = ms / Math.max(1, text.length / 1024);
      count += rounds;
      if (msPerKib > (worst.get(length)?.msPerKib ?? 0)) worst.set(length, { msPerKib, pattern, text });
    }
  }
}
const texts = `${count} lines, ${costly} given up`;
process.stdout.write(`${KNOWN.length + random.length} expressions (${refused} refused as too large), ${texts}\n`);
for (const [length, { msPerKib, pattern, text }] of worst) {
  const line = `${pattern} on ${JSON.stringify(text.slice(0, 30))}`;
  process.stdout.write(`${length} units: at most ${msPerKib.toFixed(3)} ms a KiB: ${line}\n`);
}
