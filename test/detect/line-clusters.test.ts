import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { patternOf } from '../../src/detect/cluster-pattern.ts';
import { LineClusters, templateOf } from '../../src/detect/line-clusters.ts';
import { patternStage } from '../../src/stages/pattern.ts';
import { batchOf } from '../harness/batch.ts';
import { buildStage, stageContext } from '../stages/stage-fixture.ts';

function clustersOf(lines: readonly string[]): LineClusters {
  const clusters = new LineClusters();
  for (const line of lines) clusters.add(line);
  return clusters;
}

/** The clusters as text: `3 WARN pool <*> exhausted`. */
function told(lines: readonly string[]): string[] {
  return clustersOf(lines)
    .list()
    .map((cluster) => `${cluster.count} ${templateOf(cluster)}`);
}

describe('LineClusters', () => {
  for (const { name, lines, expected } of [
    {
      name: 'puts lines together that differ in numbers',
      lines: ['pool 1 exhausted', 'pool 22 exhausted', 'pool 7 exhausted'],
      expected: ['3 pool <*> exhausted'],
    },
    {
      name: 'puts lines together that differ in a word',
      lines: ['WARN pool main exhausted', 'WARN pool side exhausted', 'WARN pool main exhausted'],
      expected: ['3 WARN pool <*> exhausted'],
    },
    {
      name: 'keeps lines apart that begin with another word, or have more words',
      lines: ['stopping the server', 'starting the server', 'stopping the server now'],
      expected: ['1 stopping the server', '1 starting the server', '1 stopping the server now'],
    },
    {
      name: 'keeps lines apart that have less than half of their words in common',
      lines: ['job done in time', 'job lost its host', 'job done at last'],
      expected: ['2 job done <*> <*>', '1 job lost its host'],
    },
    {
      name: 'begins with the most frequent ones',
      lines: ['a 1', 'b x', 'b x', 'b x', 'a 2'],
      expected: ['3 b x', '2 a <*>'],
    },
    {
      name: 'takes the first line of several',
      lines: ['panic 1\n  at x', 'panic 2\n  at y'],
      expected: ['2 panic <*>'],
    },
    { name: 'takes nothing but blanks, too', lines: ['', '   '], expected: ['2 '] },
  ]) {
    test(name, () => assert.deepEqual(told(lines), expected));
  }

  test('keeps a bounded number of clusters, and counts the other lines', () => {
    const words = (number: number): string => [...String(number)].map((digit) => 'abcdefghij'[Number(digit)]).join('');
    const lines = Array.from({ length: 5000 }, (_, i) => `${words(i)} ${words(7919 * i)} ${words(104_729 * i)}`);
    const clusters = clustersOf(lines);
    assert.ok(clusters.list().length <= 512);
    const counted = clusters.list().reduce((sum, { count }) => sum + count, 0);
    assert.equal(counted + clusters.others, lines.length);
  });

  test('counts every line once, whatever is in it', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (lines) => {
        const clusters = clustersOf(lines);
        const counted = clusters.list().reduce((sum, { count }) => sum + count, 0);
        assert.equal(counted + clusters.others, lines.length);
      }),
    );
  });
});

describe('patternOf()', () => {
  for (const { name, lines, expected } of [
    { name: 'names numbers values', lines: ['pool 1 is full', 'pool 2 is full'], expected: 'pool <value> is full' },
    {
      name: 'numbers names that come again',
      lines: ['from 1 to 2', 'from 3 to 4'],
      expected: 'from <value> to <value_2>',
    },
    {
      name: 'knows times, addresses and ids',
      lines: ['2026-01-02T03:04:05Z peer 10.0.0.7:80 lost 0b1c2d3e-0001-4000-8000-0123456789ab'],
      expected: '<time> peer <address> lost <id>',
    },
    {
      name: 'keeps what stands around a value',
      lines: ['took (12), done [3]'],
      expected: 'took (<value>), done [<value_2>]',
    },
    { name: 'writes "<" as the stage wants it', lines: ['<a> is 7'], expected: '<<a> is <value>' },
    { name: 'takes several blanks as any number', lines: ['a   1 b'], expected: 'a <-><value> b' },
    { name: 'says nothing where nothing differs', lines: ['all is well'], expected: undefined },
    { name: 'says nothing where everything does', lines: ['1 2 3'], expected: undefined },
  ]) {
    test(name, () => {
      const [cluster] = clustersOf(lines).list();
      assert.equal(patternOf(cluster!), expected);
    });
  }

  test('gives what the stage takes, and what fits the first line', () => {
    const words = fc.array(fc.constantFrom('a', 'pool', '12', '<x>', '(7)', '"3"', '10.0.0.1', '', 'ä', '<-'), {
      minLength: 2,
      maxLength: 8,
    });
    fc.assert(
      fc.property(words, (words) => {
        const line = words.join(' ').trim();
        const [cluster] = clustersOf([line]).list();
        const pattern = patternOf(cluster!);
        if (pattern === undefined) return;
        const context = stageContext();
        const batch = batchOf([line], context.keys);
        buildStage(patternStage, pattern, context).process(batch);
        assert.deepEqual(batch.failures, [], pattern);
      }),
    );
  });
});
