import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { PillionProcess, startAgent } from '../harness/agent-process.ts';
import { setAgent } from '../harness/agent-setting.ts';
import { until } from '../harness/files.ts';
import { putConfig } from '../harness/reload.ts';

const limit = { timeout: 60_000 };

/** An agent whose records get an attribute `colour`, and what says which. */
async function setColoured(t: TestContext) {
  const setting = await setAgent(t);
  const configOf = (colour: string, top: object = {}): object => ({
    ...setting.config,
    pipelines: { logs: { from: ['app'], stages: ['json', { set: { colour } }], to: ['backend'] } },
    ...top,
  });
  const { backend, log } = setting;
  /** Lines are written until one has that colour. */
  const untilColour = (colour: string): Promise<void> =>
    until(`records are ${colour}`, () => {
      log.write(1);
      return backend.arrivals.some(({ record }) => record.attributes.get('colour') === colour);
    });
  return { ...setting, configOf, untilColour };
}

function reloads(agent: PillionProcess): number {
  return agent.log.filter(({ msg }) => msg === 'The configuration was reloaded.').length;
}

test(
  'a file that is written over in place, in parts, is taken over once it is whole, without a word',
  limit,
  async (t) => {
    const { folder, configOf, untilColour } = await setColoured(t);
    const agent = await startAgent(t, folder, configOf('red'));
    await untilColour('red');
    const text = JSON.stringify(configOf('green'));
    const path = join(folder, 'pillion.yaml');
    for (const part of [0.2, 0.5, 0.8]) {
      writeFileSync(path, text.slice(0, part * text.length));
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    writeFileSync(path, text);
    await untilColour('green');
    assert.deepEqual(
      agent.log.filter(({ level }) => level === 'error' || level === 'warn'),
      [],
    );
    assert.equal(await agent.end('SIGTERM'), 0);
  },
);

test('a ConfigMap is taken over when kubelet swaps ..data, and so are files of stages in it', limit, async (t) => {
  const { folder, config, configOf, untilColour } = await setColoured(t);
  const volume = join(folder, 'config');
  mkdirSync(volume);
  const swapTo = (version: string, files: Record<string, unknown>): void => {
    mkdirSync(join(volume, `..${version}`));
    for (const [name, value] of Object.entries(files)) {
      writeFileSync(join(volume, `..${version}`, name), JSON.stringify(value));
    }
    symlinkSync(`..${version}`, join(volume, '..data_tmp'));
    renameSync(join(volume, '..data_tmp'), join(volume, '..data'));
  };
  const byFile = {
    ...config,
    pipelines: { logs: { from: ['app'], stages: [{ use: './colour.yaml' }], to: ['backend'] } },
  };
  const stagesOf = (colour: string): object => ({ stages: ['json', { set: { colour } }] });
  swapTo('1', { 'pillion.yaml': configOf('red') });
  for (const name of ['pillion.yaml', 'colour.yaml']) symlinkSync(join('..data', name), join(volume, name));
  const agent = new PillionProcess(t, ['run', '--config', join(volume, 'pillion.yaml')], { cwd: folder });
  await untilColour('red');
  swapTo('2', { 'pillion.yaml': byFile, 'colour.yaml': stagesOf('green') });
  await untilColour('green');
  swapTo('3', { 'pillion.yaml': byFile, 'colour.yaml': stagesOf('blue') });
  rmSync(join(volume, '..2'), { recursive: true });
  await untilColour('blue');
  // Stages that are wrong are said with their file; they are looked at again when that is mended.
  swapTo('4', { 'pillion.yaml': byFile, 'colour.yaml': { stages: ['jsn'] } });
  await agent.until('it is said', () => agent.log.some(({ level }) => level === 'error'));
  assert.match(
    String(agent.log.find(({ level }) => level === 'error')?.['errors']),
    /colour\.yaml:1:\d+: Unknown stage "jsn"/,
  );
  swapTo('5', { 'pillion.yaml': byFile, 'colour.yaml': stagesOf('white') });
  await untilColour('white');
  assert.equal(reloads(agent), 3);
  assert.equal(await agent.end('SIGTERM'), 0);
});

test('a worktree of git-sync is taken over when the link to it is swapped', limit, async (t) => {
  const { folder, configOf, untilColour } = await setColoured(t);
  const root = join(folder, 'git');
  const swapTo = (commit: string, config: object): void => {
    mkdirSync(join(root, '.worktrees', commit, 'deploy'), { recursive: true });
    writeFileSync(join(root, '.worktrees', commit, 'deploy', 'pillion.yaml'), JSON.stringify(config));
    symlinkSync(join('.worktrees', commit), join(root, 'tmp-link'));
    renameSync(join(root, 'tmp-link'), join(root, 'current'));
  };
  swapTo('a1', configOf('red'));
  const path = join(root, 'current/deploy/pillion.yaml');
  const agent = new PillionProcess(t, ['run', '--config', path], { cwd: folder });
  await untilColour('red');
  swapTo('b2', configOf('green'));
  rmSync(join(root, '.worktrees/a1'), { recursive: true });
  await untilColour('green');
  assert.equal(await agent.end('SIGTERM'), 0);
});

test('SIGHUP reloads, also where a change alone does not; a log level takes effect at once', limit, async (t) => {
  const { folder, configOf, untilColour } = await setColoured(t);
  const agent = await startAgent(t, folder, configOf('red', { reload: 'manual' }));
  await untilColour('red');
  putConfig(folder, configOf('green', { reload: 'manual', log_level: 'warn' }));
  // Longer than two looks at the file would be apart.
  await new Promise((resolve) => setTimeout(resolve, 2500));
  assert.equal(reloads(agent), 0);
  agent.kill('SIGHUP');
  await untilColour('green');
  assert.equal(reloads(agent), 0, 'it is no warning');
  assert.equal(await agent.end('SIGTERM'), 0);
});

test('SIGHUP while the agent is started ends nothing, and reloads as soon as it runs', limit, async (t) => {
  const { folder, config, untilColour } = await setColoured(t);
  const configOf = (colour: string): object => ({
    ...config,
    reload: 'manual',
    pipelines: {
      logs: { from: ['app'], stages: ['json', { use: './hang-up.ts' }, { set: { colour } }], to: ['backend'] },
    },
  });
  // Loaded when the configuration was read already, which it changes.
  writeFileSync(
    join(folder, 'hang-up.ts'),
    `import { writeFileSync } from 'node:fs';
    import { defineStage } from 'pillion/sdk';
    writeFileSync(${JSON.stringify(join(folder, 'pillion.yaml'))}, ${JSON.stringify(JSON.stringify(configOf('green')))});
    process.kill(process.pid, 'SIGHUP');
    export default defineStage({ type: 'hang_up', summary: 'Hangs up.', options: {}, build: () => () => {} });`,
  );
  const agent = await startAgent(t, folder, configOf('red'));
  await untilColour('green');
  assert.equal(await agent.end('SIGTERM'), 0);
});

test('an own stage and its options that change together are taken over together', limit, async (t) => {
  const { folder, config, untilColour } = await setColoured(t);
  const putStage = (option: string): void =>
    writeFileSync(
      join(folder, 'paint.ts'),
      `import { defineStage } from 'pillion/sdk';
      export default defineStage({
        type: 'paint', summary: 'Paints.', options: { ${option}: { type: 'string' } },
        build: ({ ${option} }) => (record) => record.set('colour', ${option}),
      });`,
    );
  const configOf = (options: object): object => ({
    ...config,
    pipelines: { logs: { from: ['app'], stages: [{ use: './paint.ts', options }], to: ['backend'] } },
  });
  putStage('colour');
  const agent = await startAgent(t, folder, configOf({ colour: 'red' }));
  await untilColour('red');
  putStage('paint');
  putConfig(folder, configOf({ paint: 'green' }));
  await untilColour('green');
  assert.equal(await agent.end('SIGTERM'), 0);
});
