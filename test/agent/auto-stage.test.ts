import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { buildStages } from '../../src/agent/build-stages.ts';
import { loadOwnStage } from '../../src/agent/load-own-stage.ts';
import { catalog } from '../../src/catalog.ts';
import type { ConfiguredAuto } from '../../src/config/agent-config.ts';
import { loadReadyMade } from '../../src/config/load-ready-made.ts';
import type { Stage } from '../../src/core/contracts.ts';
import { KeyTable } from '../../src/core/key-table.ts';
import { RecordBatch, RecordFlag } from '../../src/core/record-batch.ts';
import { Resource } from '../../src/core/resource.ts';
import { plainRecord } from '../harness/batch.ts';
import { stageContext, type TestContext } from '../stages/stage-fixture.ts';

const { groups } = await loadReadyMade(['pino'], { catalog, env: {}, loadStage: loadOwnStage });

const pino = (msg: string): string => `{"level":30,"time":1700000000000,"pid":7,"hostname":"web-1","msg":"${msg}"}`;
const text = (message: string): string => `2026-01-02 03:04:05 WARN ${message}`;

interface Running {
  readonly context: TestContext;
  /** Runs records of a stream through the stages; what became of them. */
  run(stream: string, lines: readonly string[]): RecordBatch;
}

function start(more: Partial<ConfiguredAuto> = {}, keys = new KeyTable()): Running {
  const context = { ...stageContext(keys), name: 'logs' };
  const auto: ConfiguredAuto = {
    ...{ label: 'auto', when: undefined, onError: 'forward', candidates: groups, catalog },
    ...more,
  };
  const stages: Stage[] = buildStages([auto], context);
  const run = (name: string, lines: readonly string[]): RecordBatch => {
    const batch = new RecordBatch(keys, 1024);
    batch.reset({ id: name, name, resource: new Resource() }, Date.UTC(2026, 0, 3));
    for (const line of lines) {
      const start = batch.appendText(line);
      batch.addRecord(start, batch.byteLength);
    }
    for (const stage of stages) stage.process(batch);
    return batch;
  };
  return { context, run };
}

function bodies(batch: RecordBatch): unknown[] {
  return Array.from({ length: batch.count }, (_, record) => plainRecord(batch, record).body);
}

function found({ context }: Running): unknown[] {
  return context.logged.map(({ stream, format, confidence }) => [stream, format, confidence]);
}

const many = (line: string, count = 60): string[] => Array.from({ length: count }, () => line);

describe('use: auto', () => {
  test('reads each stream as what its records are, and says so once', () => {
    const running = start();
    for (let i = 0; i < 3; i++) {
      assert.deepEqual(new Set(bodies(running.run('a.log', many(pino('hi'))))), new Set(['hi']));
      assert.deepEqual(new Set(bodies(running.run('b.log', many(text('low'))))), new Set(['low']));
    }
    assert.deepEqual(found(running), [
      ['a.log', 'pino', 'high'],
      ['b.log', 'text', 'high'],
    ]);
    assert.equal(running.context.logged[0]?.['stages'], '[{"use":"pino"}]');
  });

  test('keeps to what it has decided, whatever comes later; that is marked as what cannot be read', () => {
    const running = start();
    running.run('a.log', many(pino('hi')));
    const batch = running.run('a.log', many(text('low')));
    assert.equal(bodies(batch)[0], text('low'));
    assert.equal(found(running).length, 1);
  });

  test('decides anew by the first batches while they have few records', () => {
    const running = start();
    assert.deepEqual(bodies(running.run('a.log', ['Starting.'])), ['Starting.']);
    assert.deepEqual(bodies(running.run('a.log', ['a', 'b', 'c', 'd'].map(pino))), ['a', 'b', 'c', 'd']);
    assert.deepEqual(found(running), [
      ['a.log', undefined, undefined],
      ['a.log', 'pino', 'medium'],
    ]);
  });

  test('is done with a stream of few records after eight batches', () => {
    const running = start();
    for (let i = 0; i < 8; i++) running.run('a.log', ['Something else.']);
    assert.deepEqual(bodies(running.run('a.log', many(pino('hi'), 3))), many(pino('hi'), 3));
    assert.equal(running.context.logged.length, 1);
  });

  test('leaves records of no known format as they are, without a mark', () => {
    const batch = start().run('a.log', many('The server has started.'));
    assert.equal(batch.flags[0]! & RecordFlag.ParseFailed, 0);
    assert.equal(bodies(batch)[0], 'The server has started.');
  });

  test('marks a line that does not fit the format of its stream, or drops it where that is asked for', () => {
    const lines = [...many(text('low')), 'Stopped.'];
    const marked = start().run('a.log', lines);
    assert.equal(marked.flags[60]! & RecordFlag.ParseFailed, RecordFlag.ParseFailed);
    const dropped = start({ onError: 'drop' }).run('a.log', lines);
    assert.ok(dropped.isLive(59));
    assert.ok(!dropped.isLive(60));
  });

  test('builds nothing and counts nothing before the first record, and no trial is in the metrics', () => {
    const running = start();
    assert.deepEqual(running.context.metrics.series(), []);
    running.run('a.log', [...many(pino('hi')), '{']);
    const names = new Set(running.context.metrics.series().map(({ labels }) => labels['stage']));
    assert.ok(
      [...names].every((name) => name?.startsWith('logs/1.pino.')),
      [...names].join(' '),
    );
    assert.equal(running.context.metrics.sum('pillion_stage_failed_records_total'), 1);
  });

  test('goes on without stages when the table of keys is full', () => {
    const keys = new KeyTable(1);
    keys.internText('a');
    const running = start({}, keys);
    assert.deepEqual(bodies(running.run('a.log', [pino('hi')])), [pino('hi')]);
    assert.match(String(running.context.logged[0]?.['msg']), /Cannot build/);
  });

  test('survives records that invent keys', () => {
    const running = start();
    for (let i = 0; i < 20; i++) {
      const keys = Array.from({ length: 2000 }, (_, key) => `"k${i}_${key}":1`).join(',');
      assert.equal(running.run(`${i}.log`, [`{${keys},"msg":"hi","time":1700000000}`]).count, 1);
    }
    assert.deepEqual(bodies(running.run('1.log', [text('low')])), [text('low')]);
  });

  test('survives more streams than it remembers', () => {
    const running = start({ candidates: [] });
    for (let i = 0; i < 4200; i++) running.run(`${i}.log`, ['x']);
    assert.deepEqual(bodies(running.run('0.log', ['x'])), ['x']);
  });
});
