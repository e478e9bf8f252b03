import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_OFFSET, parseZoneOffset, zoneOffsetEnd } from '../../src/bytes/zone-offset.ts';

for (const [text, expected] of [
  ['Z', 0],
  ['z', 0],
  ['+00:00', 0],
  ['-00:00', 0],
  ['+02', 7200],
  ['+0530', 19_800],
  ['+05:30', 19_800],
  ['-03:30', -12_600],
  ['+23:59', 86_340],
  ['', NO_OFFSET],
  ['+', NO_OFFSET],
  ['+2', NO_OFFSET],
  ['+020', NO_OFFSET],
  ['+2:00', NO_OFFSET],
  ['+02:', NO_OFFSET],
  ['+02:0', NO_OFFSET],
  ['+02-00', NO_OFFSET],
  ['+24:00', NO_OFFSET],
  ['+02:60', NO_OFFSET],
  ['+02:00:00', NO_OFFSET],
  ['02:00', NO_OFFSET],
  ['+a2:00', NO_OFFSET],
  ['+02:0:', NO_OFFSET],
  ['ZZ', NO_OFFSET],
  ['U', NO_OFFSET],
] as const) {
  test(`parseZoneOffset() reads ${JSON.stringify(text)} as ${expected === NO_OFFSET ? 'nothing' : expected}`, () => {
    // A digit on both sides shows whether it looks beyond the span.
    const bytes = Buffer.from(`0${text}0`);
    assert.equal(parseZoneOffset(bytes, 1, 1 + text.length), expected);
  });
}

for (const [text, end] of [
  ['Z', 1],
  ['Zx', 1],
  ['+02', 3],
  ['+02 2026', 3],
  ['+0200', 5],
  ['+0200]', 5],
  ['+02:00', 6],
  ['+02:00:00', 6],
  ['+02:0', 3],
  ['+02:', 3],
  ['+020', 3],
  ['+2', 2],
  ['+', 1],
] as const) {
  test(`zoneOffsetEnd() ends ${JSON.stringify(text)} at ${end}`, () => {
    assert.equal(zoneOffsetEnd(Buffer.from(text), 0, text.length), end);
  });
}
