import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { REGEX_ENGINE_FLAGS } from '../../../src/bytes/regex/engine-flags.ts';
import { GuardedRegex } from '../../../src/bytes/regex/guarded-regex.ts';
import { NO_MATCH, TOO_COSTLY } from '../../../src/bytes/regex/linear-regex.ts';
import { parseRegex } from '../../../src/bytes/regex/parse-regex.ts';
import { cpuMsOf } from '../../harness/cpu-time.ts';

for (const flag of REGEX_ENGINE_FLAGS) setFlagsFromString(flag);

function guarded(pattern: string, flags = '', random = (): number => 0.5): GuardedRegex {
  const node = parseRegex(pattern);
  assert.ok(!('problem' in node));
  const regex = GuardedRegex.create(node, flags, random);
  assert.ok(!('problem' in regex));
  return regex;
}

test('GuardedRegex gives V8 what it needs few tries for, also long texts', () => {
  const regex = guarded('^(\\S+) (\\S+)$');
  for (const length of [10, 1000, 2 ** 16]) assert.ok(regex.for('a'.repeat(length)) !== undefined);
  assert.equal(regex.for('a'.repeat(2 ** 16 + 1)), undefined);
});

test('GuardedRegex gives V8 no more texts after it saw a hostile one', () => {
  const regex = guarded('^(?:a+)+$');
  const given = (): number => {
    let count = 0;
    for (let i = 0; i < 100; i++) {
      if (regex.for('aaa!') !== undefined) count++;
      regex.linear.test('aaa!');
      regex.watched();
    }
    return count;
  };
  // One in 32 is watched, and needs few steps.
  assert.equal(given(), 96);
  const hostile = `${'a'.repeat(100)}!`;
  for (let i = 0; i < 64; i++) assert.equal(regex.test(hostile), NO_MATCH);
  assert.equal(given(), 0);
  for (let i = 0; i < 2000; i++) regex.for('aaa!');
  assert.ok(given() > 90);
});

test('GuardedRegex gives V8 no text that could need too many tries where all matches are wanted', () => {
  assert.equal(guarded('a.*b.*c|a', 'g').for('a'.repeat(50)), undefined);
  assert.ok(guarded('a\\d+', 'g').for('a'.repeat(50)) !== undefined);
});

/** Hundreds of ways are open at once, and never the same ones twice. */
function costlyText(): string {
  let seed = 1;
  const unit = (): string => ((seed = (seed * 48271) % 2147483647) & 1 ? 'x' : 'y');
  return Array.from({ length: 20_000 }, unit).join('');
}

test('GuardedRegex gives a text up that leads to ever new states, at the cost that a line may have', () => {
  const regex = guarded('(?:x|y|xy)*z[xy]{900}x[xy]{900}y');
  const text = costlyText();
  let result = -1;
  const ms = cpuMsOf(() => (result = regex.test(text)));
  assert.equal(result, TOO_COSTLY);
  assert.ok(ms < 2000, `${ms} ms`);
  assert.equal(regex.test('xx'), NO_MATCH);
});

test('an expression of a thousand choices in a repetition can be used', () => {
  const choices = Array.from({ length: 1200 }, (_, i) => String.fromCharCode(0x4e00 + i)).join('|');
  const regex = guarded(`^(?:${choices})*$`);
  assert.equal(regex.linear.test('a'), NO_MATCH);
});
