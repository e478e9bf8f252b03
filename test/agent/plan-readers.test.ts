import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planReaders } from '../../src/agent/plan-readers.ts';
import type { ReaderChoice } from '../../src/component/definition.ts';
import { plannable } from './plannable.ts';

/** The readers of each source, with the pipelines and sinks of each. */
function readersOf(...args: Parameters<typeof plannable>): Record<string, string[]> {
  const planned = planReaders(plannable(...args));
  const readers = planned.flatMap((source) => source.readers);
  return Object.fromEntries(
    readers.map(({ name, pipelines }) => [name, pipelines.map(({ name, to }) => `${name} -> ${to.join(', ')}`)]),
  );
}

const PER_SINK: ReaderChoice = { readers: 'per_sink' };

for (const { name, sources, pipelines, expected } of [
  {
    name: 'gives a source with one sink one reader of its name',
    sources: { app: PER_SINK },
    pipelines: { logs: { from: ['app'], to: ['near'] }, more: { from: ['app'], to: ['near'] } },
    expected: { app: ['logs -> near', 'more -> near'] },
  },
  {
    name: 'gives a source with several sinks a reader for each',
    sources: { app: PER_SINK },
    pipelines: { logs: { from: ['app'], to: ['near', 'far'] } },
    expected: { 'app/near': ['logs -> near'], 'app/far': ['logs -> far'] },
  },
  {
    name: 'gives each reader the pipelines that lead to its sink, in their order',
    sources: { app: PER_SINK },
    pipelines: {
      all: { from: ['app'], to: ['near', 'far'] },
      some: { from: ['app'], to: ['far'] },
      other: { from: ['pipe'], to: ['near'] },
    },
    expected: { 'app/near': ['all -> near'], 'app/far': ['all -> far', 'some -> far'] },
  },
  {
    name: 'gives a source one reader that shares it, or cannot be read twice',
    sources: { app: { readers: 'shared' }, pipe: undefined } as const,
    pipelines: { logs: { from: ['app', 'pipe'], to: ['near', 'far'] } },
    expected: { app: ['logs -> near, far'], pipe: ['logs -> near, far'] },
  },
  {
    name: 'leaves out a source that no pipeline names',
    sources: { app: PER_SINK, idle: PER_SINK },
    pipelines: { logs: { from: ['app'], to: ['near'] } },
    expected: { app: ['logs -> near'] },
  },
]) {
  test(`planReaders() ${name}`, () => assert.deepEqual(readersOf(sources, pipelines), expected));
}

test('planReaders() has sources share what they need alike, and gives no two others the same names of stages', () => {
  const planned = planReaders(
    plannable(
      { app: PER_SINK, other: PER_SINK, pipe: undefined },
      {
        logs: { from: ['app', 'other', 'pipe'], to: ['near', 'far'] },
        some: { from: ['app', 'other'], to: ['far'] },
      },
    ),
  );
  const pipelines = planned.flatMap((source) => source.readers.flatMap((reader) => reader.pipelines));
  assert.equal(pipelines.length, 7);
  const names = Array.from(new Set(pipelines), ({ stagesName }) => stagesName);
  assert.deepEqual(names, ['logs/near', 'logs/far', 'some', 'logs']);
});

test('planReaders() passes on what is to be said, where there are several sinks', () => {
  const choice: ReaderChoice = { readers: 'shared', notice: 'One reads for all.' };
  const noticeTo = (to: string[]) =>
    planReaders(plannable({ app: choice }, { logs: { from: ['app'], to } }))[0]?.notice;
  assert.deepEqual([noticeTo(['near']), noticeTo(['near', 'far'])], [undefined, 'One reads for all.']);
});
