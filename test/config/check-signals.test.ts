import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCatalog } from '../../src/component/catalog.ts';
import type { SinkDefinition, SourceDefinition } from '../../src/component/definition.ts';
import { object } from '../../src/component/options.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import type { InstrumentSpec } from '../../src/core/instruments.ts';
import { env, loadStage, stage, catalog as standIns } from './stand-ins.ts';
import { testWrongConfigs, text } from './wrong-config.ts';

const build = (): never => {
  throw new Error('Cannot build a stand-in');
};
const options = object({});
const scrape: SourceDefinition<unknown> = { type: 'scrape', gives: 'metrics', summary: 'Asks.', options, build };
const remote: SinkDefinition<unknown> = { type: 'remote', takes: 'metrics', summary: 'Sends.', options, build };
const counted: InstrumentSpec = {
  name: 'lines',
  type: 'counter',
  unit: '',
  description: '',
  labels: [],
  limits: { maxSeries: 1, maxLabelBytes: 1, expireAfterMs: 1 },
};
const catalog = createCatalog({
  sources: [...standIns.sources.values(), scrape],
  stages: [...standIns.stages.values(), { ...stage('count', options), measures: () => [counted] }],
  sinks: [...standIns.sinks.values(), remote],
});

testWrongConfigs(
  [
    {
      name: 'stages for metrics, and sinks that get nothing they take',
      yaml: text`
      sources: { app: { type: stdin }, me: { type: scrape } }
      sinks: { out: { type: console }, far: { type: remote } }
      pipelines:
        metrics: { from: [me], stages: [json], to: [out] }
        logs: { from: [app], stages: [json], to: [out, far] }
    `,
      printed: text`
      app.yaml:4:34: Stages work on records, and "me" gives metrics alone (ERR_CONFIG_VALUE)
        4 |   metrics: { from: [me], stages: [json], to: [out] }
          |                                  ^
        hint: Remove the stages; the options of the source choose and rename metrics

      app.yaml:4:47: Sink "out" takes records, and there are only metrics for it (ERR_CONFIG_VALUE)
        4 |   metrics: { from: [me], stages: [json], to: [out] }
          |                                               ^
        hint: Lead the pipeline to a sink that takes metrics, such as one of type prometheus or otlp

      app.yaml:5:50: Sink "far" takes metrics, and there are only records for it (ERR_CONFIG_VALUE)
        5 |   logs: { from: [app], stages: [json], to: [out, far] }
          |                                                  ^
        hint: Add a stage that makes metrics, such as \`counter\`, or lead the pipeline to a sink that takes records
    `,
    },
  ],
  catalog,
);

for (const { name, pipeline } of [
  { name: 'metrics to a sink that takes them', pipeline: '{ from: [me], to: [far] }' },
  { name: 'records that a stage counts', pipeline: '{ from: [app], stages: [json, count], to: [far] }' },
  { name: 'records that a group of stages counts', pipeline: '{ from: [app], stages: [count], to: [out, far] }' },
  { name: 'metrics beside records', pipeline: '{ from: [app, me], stages: [json], to: [out, far] }' },
]) {
  test(`checkSignals() takes ${name}`, async () => {
    const sources = 'sources: { app: { type: stdin }, me: { type: scrape } }';
    const yaml = `${sources}\nsinks: { out: { type: console }, far: { type: remote } }\npipelines: { p: ${pipeline} }\n`;
    const loaded = await loadConfig({ text: yaml, file: 'app.yaml', env, catalog, loadStage, pipelinesFolder: '' });
    assert.deepEqual(loaded.ok ? [] : loaded.errors.map(({ error }) => error.message), []);
  });
}
