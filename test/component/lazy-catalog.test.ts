import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catalog } from '../../src/catalog.ts';
import { createLazyCatalog } from '../../src/component/lazy-catalog.ts';

/** A catalog of two stages that notes what is asked for. */
function setLazy() {
  const asked: string[] = [];
  const stage = (type: string) => (): NonNullable<ReturnType<typeof catalog.stages.get>> => {
    asked.push(type);
    return catalog.stages.get(type)!;
  };
  const { stages } = createLazyCatalog({
    sources: {},
    stages: { json: stage('json'), move: stage('move') },
    sinks: {},
  });
  return { asked, stages };
}

test('createLazyCatalog() asks for a definition when it is looked up, and knows all types without', () => {
  const { asked, stages } = setLazy();
  assert.deepEqual([stages.size, [...stages.keys()], stages.has('move')], [2, ['json', 'move'], true]);
  assert.equal(stages.get('unheard'), undefined);
  assert.deepEqual(asked, []);
  assert.equal(stages.get('move'), catalog.stages.get('move'));
  assert.deepEqual(asked, ['move']);
});

test('createLazyCatalog() goes through all as a map does', () => {
  const { stages } = setLazy();
  const expected = ['json', 'move'].map((type) => [type, catalog.stages.get(type)]);
  assert.deepEqual([...stages], expected);
  assert.deepEqual([...stages.entries()], expected);
  assert.deepEqual(
    [...stages.values()],
    expected.map(([, definition]) => definition),
  );
  const visited: unknown[] = [];
  stages.forEach((definition, type) => {
    visited.push([type, definition]);
  });
  assert.deepEqual(visited, expected);
});
