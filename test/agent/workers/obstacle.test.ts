import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planReaders } from '../../../src/agent/plan-readers.ts';
import { obstacleOf, rememberStreams } from '../../../src/agent/workers/obstacle.ts';
import { catalog } from '../../../src/catalog.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { measuredMetrics } from '../../../src/config/measured-metrics.ts';

const OTLP = { type: 'otlp', endpoint: 'http://127.0.0.1:4318' };

/** What the first reader of a configuration says. */
async function ask(changes: { source?: object; pipeline?: object; sink?: object }) {
  const loaded = await loadConfig({
    text: JSON.stringify({
      sources: { app: changes.source ?? { type: 'file', include: ['/var/log/app/*.log'] } },
      pipelines: { logs: { from: ['app'], to: ['backend'], ...changes.pipeline } },
      sinks: { backend: changes.sink ?? OTLP },
    }),
    file: 'app.yaml',
    catalog,
    env: {},
    loadStage: () => assert.fail('there is no own stage'),
  });
  assert.ok(loaded.ok, JSON.stringify(loaded));
  const [source] = planReaders(loaded.config);
  const obstacle = obstacleOf(source!, source!.readers[0]!, {
    config: loaded.config,
    isCounting: ({ stages }) => measuredMetrics(stages).length > 0,
  });
  return { obstacle, remembers: rememberStreams(loaded.config.pipelines[0]!.stages) };
}

test('files with stages that look at each record alone are spread', async () => {
  for (const some of [[], ['json', { use: 'nginx' }, { filter: 'severity >= INFO' }]]) {
    assert.deepEqual(await ask({ pipeline: { stages: some } }), { obstacle: undefined, remembers: false });
  }
});

test('stages that remember streams keep them in one thread', async () => {
  for (const stage of [{ dedupe: { window: '5s' } }, { use: 'auto' }]) {
    assert.deepEqual(await ask({ pipeline: { stages: [stage] } }), { obstacle: undefined, remembers: true });
  }
});

test('what must see all records, or writes into one place, is not spread', async () => {
  const cases: [Parameters<typeof ask>[0], string][] = [
    [{ source: { type: 'stdin' } }, 'it reads no files'],
    [
      { pipeline: { stages: ['json', { throttle: { rate: '5/s' } }] } },
      'the stage "throttle" of pipeline "logs" must see all records',
    ],
    [{ pipeline: { stages: [{ counter: { name: 'lines_total' } }] } }, 'pipeline "logs" counts metrics'],
    [{ pipeline: { dead_letter: '/var/lib/pillion/unread.jsonl' } }, 'pipeline "logs" sets records aside in a file'],
    [{ sink: { type: 'console' } }, 'there can be but one sink "backend"'],
    [{ sink: { ...OTLP, dead_letter: '/var/lib/pillion/dead.jsonl' } }, 'sink "backend" writes a file'],
  ];
  for (const [changes, expected] of cases) assert.equal((await ask(changes)).obstacle, expected);
});
