/**
 * What the worst line costs, by the CPU that the process takes for it: expressions that are known to be bad, and random
 * ones, on lines made for them. The promise is 1 ms for a line up to a KiB, and 1 ms a KiB for longer ones.
 *
 * A line meets an expression that has read only the lines before it. All of that is done three times over, with the
 * expression made anew, and the least of the three is what the line costs: what V8 compiles once for an expression, and
 * what the machine did besides, is not in it. `node hostile-regex.bench.ts [expressions] [seed]`.
 */
import { setFlagsFromString } from 'node:v8';
import fc from 'fast-check';
import { REGEX_ENGINE_FLAGS } from '../../../src/bytes/regex/engine-flags.ts';
import { GuardedRegex } from '../../../src/bytes/regex/guarded-regex.ts';
import { TOO_COSTLY } from '../../../src/bytes/regex/linear-regex.ts';
import { parseRegex } from '../../../src/bytes/regex/parse-regex.ts';
import type { RegexNode } from '../../../src/bytes/regex/regex-node.ts';
import { Matches } from '../../../src/codec/sensitive/matches.ts';
import { GrokReferences } from '../../../src/stages/grok/grok-references.ts';
import { PatternDetector } from '../../../src/stages/redact/pattern-detector.ts';
import { processCpuUsOf } from '../../harness/cpu-time.ts';
import { nastyExpression, nastyLine, noiseOf } from '../../harness/nasty-regex.ts';

for (const flag of REGEX_ENGINE_FLAGS) setFlagsFromString(flag);

const KNOWN = [
  '(a+)+$',
  '^(?:a|b|ab)*c',
  'a.*b.*c',
  '(.*)a(.*)b(.*)c',
  '(?:a?){1000}b',
  '(?:a?){15}'.repeat(20),
  '^(?:a{20,}){20,30}$',
  '[ab]{64}c',
  'a.{0,500}b',
  'a[ab]{300}c',
  'x[xy]{900}y',
  '(?:x|y|xy)*z[xy]{900}x[xy]{900}y',
  '[ab]{0,1000}[bc]{0,1000}$',
  '(?:[ab]{1,40}c?){20}b',
  '%{IP:x}',
  '%{COMBINEDAPACHELOG}',
  '%{URI:x} %{EMAILADDRESS:y}',
  '%{DATA:a} %{DATA:b} %{DATA:c}!',
];
const LENGTHS = [40, 200, 384, 1000, 2 ** 14];
const ROUNDS = 3;

/** How a text comes to an expression: V8 gets what it may get, or nothing that is watched, or all matches are wanted. */
const USES = [
  { name: 'by V8 where it may', flags: '', random: 0.999 },
  { name: 'with counted steps', flags: '', random: 0 },
  { name: 'all matches', flags: 'g', random: 0 },
];

interface Worst {
  readonly ms: number;
  readonly pattern: string;
  readonly text: string;
}

function worse(a: Worst | undefined, b: Worst): Worst {
  return a === undefined || b.ms > a.ms ? b : a;
}

const matches = new Matches();

/** What each text costs by an expression that was just made; the first two lines are short and hold nothing. */
function costs(node: RegexNode, { flags, random }: (typeof USES)[number], texts: readonly string[]): number[] {
  const regex = GuardedRegex.create(node, flags, () => random);
  if ('problem' in regex) throw new Error(regex.problem);
  const detector = new PatternDetector(regex);
  regex.linear.begin('');
  for (let i = 0; i < 2; i++) regex.test('-');
  return texts.map((text) => {
    const bytes = Buffer.from(text);
    matches.count = 0;
    return processCpuUsOf(() => {
      if (flags === 'g') detector.find(bytes, 0, bytes.length, matches);
      else if (regex.test(text) === TOO_COSTLY) given++;
    });
  });
}

const [count = 100, seed = 7] = process.argv.slice(2).map(Number);
const references = new GrokReferences({});
const random = fc.sample(nastyExpression, { numRuns: count, seed });
const kinds = [
  ...fc.sample(nastyLine, { numRuns: 12, seed }),
  ...['ab', 'xy', 'abc ', 'abc ', 'abcdefgh 0123.:/"[]'].map((units, i) => noiseOf(units, seed + i)),
];
const worst = new Map<string, Worst>();
let once: Worst | undefined;
let first: Worst | undefined;
let refused = 0;
let lines = 0;
let given = 0;

for (const pattern of [...KNOWN, ...random]) {
  const node = parseRegex(pattern, references);
  if ('problem' in node) throw new Error(`${pattern}: ${node.problem}`);
  let isRefused = false;
  const ms =
    processCpuUsOf(() => {
      const regex = GuardedRegex.create(node);
      if ('problem' in regex) isRefused = true;
      else regex.linear.begin('');
    }) / 1000;
  if (isRefused) {
    refused++;
    continue;
  }
  once = worse(once, { ms, pattern, text: '' });
  for (const use of USES) {
    for (const length of LENGTHS) {
      const texts = kinds.map((kind) => kind(length));
      const rounds = Array.from({ length: ROUNDS }, () => costs(node, use, texts));
      const kib = 1000 * Math.max(1, length / 1024);
      for (const [i, text] of texts.entries()) {
        const least = Math.min(...rounds.map((round) => round[i]!));
        const name = `${length} units, ${use.name}`;
        worst.set(name, worse(worst.get(name), { ms: least / kib, pattern, text }));
        first = worse(first, { ms: (rounds[0]![i]! - least) / 1000, pattern, text });
        lines++;
      }
    }
  }
}

function say(what: string, { ms, pattern, text }: Worst): void {
  const on = text === '' ? '' : ` on ${JSON.stringify(text.slice(0, 20))}`;
  process.stdout.write(`${what}: at most ${ms.toFixed(2)} ms: ${pattern.slice(0, 60)}${on}\n`);
}

process.stdout.write(`${KNOWN.length + count} expressions, ${refused} of them refused as too large; `);
process.stdout.write(`${lines} lines, ${((100 * given) / lines / ROUNDS).toFixed(1)} % given up\n`);
if (once !== undefined) say('To make an expression, once', once);
if (first !== undefined) say('What a line cost more when the expression was new to V8, once', first);
for (const [name, line] of worst) say(`A line of ${name}, a KiB or part of one`, line);
