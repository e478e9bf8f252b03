import assert from 'node:assert/strict';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { loadOwnStage } from '../../src/agent/load-own-stage.ts';
import { ReloadingStage } from '../../src/agent/reloading-stage.ts';
import { attributesOf } from '../harness/batch.ts';
import { temporaryFolder, until } from '../harness/files.ts';
import { batchOfObjects, stageContext } from '../stages/stage-fixture.ts';

function stageText(value: string, options = "{ by: { type: 'number', default: 1 } }"): string {
  return [
    "import { defineStage } from 'pillion/sdk';",
    "export default defineStage({ type: 'own', summary: '',",
    `  options: ${options},`,
    `  build: ({ by }) => (record) => record.set('value', ${value}) });`,
  ].join('\n');
}

async function reloading(t: TestContext) {
  const file = join(temporaryFolder(t), 'own.ts');
  writeFileSync(file, stageText('by'));
  const context = stageContext();
  const definition = await loadOwnStage(file);
  const stage = new ReloadingStage(definition.build({ by: 7 }, context), { file, options: { by: 7 }, context });
  t.after(() => stage.close());
  const value = (): unknown => {
    const batch = batchOfObjects(['{}'], context.keys);
    stage.process(batch);
    return attributesOf(batch)['value'];
  };
  /** Puts another text into the file, as an editor does it, and lets the stage look. */
  const change = async (text: string): Promise<void> => {
    await context.clock.untilSleeping();
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
    await look();
  };
  const look = async (): Promise<void> => {
    await context.clock.untilSleeping();
    await context.clock.advance(2000);
  };
  return { file, context, value, change, look };
}

test('ReloadingStage takes the new text of its file, with the options that it had', async (t) => {
  const { value, change, context } = await reloading(t);
  assert.equal(value(), 7);
  await change(stageText('by + 100'));
  await until('the new stage is in place', () => value() === 107);
  await change(stageText('by + 200'));
  await until('the new stage is in place', () => value() === 207);
  assert.equal(context.logged.length, 2);
});

for (const { name, text } of [
  { name: 'does not parse', text: 'export default {' },
  { name: 'is no stage', text: 'export default 5;' },
  { name: 'does not take its options', text: stageText('1', "{ other: { type: 'number', default: 1 } }") },
]) {
  test(`ReloadingStage goes on with the old one when the new one ${name}, and says so once`, async (t) => {
    const { value, change, look, context } = await reloading(t);
    await change(text);
    await until('the failure is said', () => context.logged.length === 1);
    await look();
    assert.equal(context.logged[0]?.['level'], 'error');
    assert.equal(value(), 7);
    await change(stageText('by + 100'));
    await until('the new stage is in place', () => value() === 107);
    assert.equal(context.logged.length, 2);
  });
}

test('ReloadingStage waits while its file is away', async (t) => {
  const { file, value, change, look, context } = await reloading(t);
  rmSync(file);
  await look();
  await look();
  assert.deepEqual([value(), context.logged.length], [7, 0]);
  await change(stageText('by + 100'));
  await until('the new stage is in place', () => value() === 107);
});
