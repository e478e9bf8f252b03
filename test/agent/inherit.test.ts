import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inherit } from '../../src/agent/inherit.ts';
import { planReaders } from '../../src/agent/plan-readers.ts';
import type { ReaderChoice } from '../../src/component/definition.ts';
import { plannable } from './plannable.ts';

const PER_SINK: ReaderChoice = { readers: 'per_sink' };
const SHARED: ReaderChoice = { readers: 'shared' };

/** Books in which records have taken these routes. */
function booksOf(...routes: string[]): object {
  const counts = { framed: 1, delivered: 1, dropped: {}, rejected: {} };
  const columns = { readBytes: 1, framed: 1, routes: Object.fromEntries(routes.map((route) => [route, counts])) };
  return { streams: { '00': { name: '/a', seenBytes: 1, settled: columns } }, finished: { streams: 0 } };
}

/** What each reader goes on from: states are the names of whose they were, `a + b` where they were joined. */
function inherited(to: readonly string[], left: readonly string[], choice = PER_SINK): Record<string, unknown> {
  const joinStates = (states: readonly unknown[]): string => states.join(' + ');
  const [planned] = planReaders(plannable({ app: choice }, { logs: { from: ['app'], to } }, joinStates));
  assert.ok(planned);
  const estate = { states: new Map(left.map((name) => [name, name])), books: new Map() };
  return Object.fromEntries(planned.readers.map((r) => [r.name, inherit(r, planned, estate).state]));
}

for (const { name, to, left, choice, expected } of [
  { name: 'nothing at the very first start', to: ['near', 'far'], left: [], expected: [undefined, undefined] },
  { name: 'its own', to: ['near', 'far'], left: ['app/near', 'app/far'], expected: ['app/near', 'app/far'] },
  { name: 'the one of the source when a sink is added', to: ['near', 'far'], left: ['app'], expected: ['app', 'app'] },
  { name: 'the one of the source when its only sink is another', to: ['far'], left: ['app'], expected: ['app'] },
  {
    name: 'that of its sink when the other is removed',
    to: ['far'],
    left: ['app/near', 'app/far'],
    expected: ['app/far'],
  },
  {
    name: 'that of the sink whose place it takes',
    to: ['near', 'other'],
    left: ['app/near', 'app/far'],
    expected: ['app/near', 'app/far'],
  },
  {
    name: 'all of them when it is one more',
    to: ['near', 'far', 'other'],
    left: ['app/near', 'app/far'],
    expected: ['app/near', 'app/far', 'app/near + app/far'],
  },
  {
    name: 'those of all its sinks when they share a reader from now on',
    to: ['near', 'far'],
    left: ['app/near', 'app/far', 'app/third'],
    choice: SHARED,
    expected: ['app/near + app/far'],
  },
  {
    name: 'those of its sinks, and those whose place they take, when they share a reader from now on',
    to: ['near', 'other'],
    left: ['app/near', 'app/far'],
    choice: SHARED,
    expected: ['app/near + app/far'],
  },
]) {
  test(`inherit() gives a reader ${name}`, () => {
    assert.deepEqual(Object.values(inherited(to, left, choice)), expected);
  });
}

test('inherit() gives books on with the routes to the sinks of the reader; they begin anew where there is none', () => {
  const [planned] = planReaders(plannable({ app: PER_SINK }, { logs: { from: ['app'], to: ['near', 'far', 'new'] } }));
  assert.ok(planned);
  const estate = { states: new Map(), books: new Map([['app', booksOf('logs/near', 'logs/far')]]) };
  const books = planned.readers.map((reader) => inherit(reader, planned, estate).books);
  const none = { finished: { streams: 0, columns: { routes: {} } } };
  assert.deepEqual(books, [{ ...booksOf('logs/near'), ...none }, { ...booksOf('logs/far'), ...none }, undefined]);
});

test('inherit() leaves the books of a reader that stays as they are, and joins none', () => {
  const books = booksOf('logs/near', 'logs/removed');
  const [planned] = planReaders(plannable({ app: PER_SINK }, { logs: { from: ['app'], to: ['near'] } }));
  assert.ok(planned);
  const estateOf = (names: string[]) => ({ states: new Map(), books: new Map(names.map((name) => [name, books])) });
  assert.equal(inherit(planned.readers[0]!, planned, estateOf(['app'])).books, books);
  assert.equal(inherit(planned.readers[0]!, planned, estateOf(['app/one', 'app/two'])).books, undefined);
});
