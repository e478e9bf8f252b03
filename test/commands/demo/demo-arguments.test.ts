import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readArguments } from '../../../src/commands/demo/demo-arguments.ts';

for (const { name, args, expected } of [
  { name: 'nothing', args: {}, expected: { forMs: Number.POSITIVE_INFINITY, linesPerSecond: 1000, role: undefined } },
  { name: 'a duration', args: { for: '10s' }, expected: { forMs: 10_000, linesPerSecond: 1000, role: undefined } },
  {
    name: 'a rate and a role',
    args: { rate: '25', role: 'application' },
    expected: { forMs: Number.POSITIVE_INFINITY, linesPerSecond: 25, role: 'application' },
  },
]) {
  test(`readArguments() takes ${name}`, () => assert.deepEqual(readArguments(args), expected));
}

for (const { name, args, message } of [
  { name: 'a duration without a unit', args: { for: '10' }, message: /"10" for "--for": expected a duration/ },
  { name: 'a duration that is too short', args: { for: '0s' }, message: /"0s" for "--for": expected at least 1s/ },
  { name: 'a rate that is no number', args: { rate: 'fast' }, message: /"fast" for "--rate": expected a whole number/ },
  { name: 'a rate of 0', args: { rate: '0' }, message: /0 for "--rate": expected at least 1/ },
  { name: 'an unknown role', args: { role: 'agent' }, message: /"agent" for "--role": expected one of application/ },
]) {
  test(`readArguments() refuses ${name}`, () => {
    assert.throws(() => readArguments(args), { code: 'ERR_USAGE', message });
  });
}
