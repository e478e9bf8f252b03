import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadOwnStage } from '../../src/agent/load-own-stage.ts';
import { attributesOf } from '../harness/batch.ts';
import { processObjects } from '../stages/stage-fixture.ts';

const file = join(import.meta.dirname, '../../examples/stages/mask-account.ts');

for (const { name, options, object, expected } of [
  {
    name: 'keeps the last four characters',
    options: {},
    object: '{"account":"DE02120300000000202051"}',
    expected: { account: '******************2051' },
  },
  { name: 'masks a number', options: {}, object: '{"account":12345678}', expected: { account: '****5678' } },
  { name: 'masks a short one in full', options: {}, object: '{"account":"1234"}', expected: { account: '****' } },
  {
    name: 'masks another attribute',
    options: { field: 'iban' },
    object: '{"iban":"DE0212","account":"12345"}',
    expected: { iban: '**0212', account: '12345' },
  },
  { name: 'leaves other records alone', options: {}, object: '{"user":7}', expected: { user: 7 } },
]) {
  test(`the example mask-account ${name}`, async () => {
    const definition = await loadOwnStage(file);
    assert.deepEqual(attributesOf(processObjects(definition, options, [object])), expected);
  });
}
