import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadOwnStage } from '../../src/agent/load-own-stage.ts';
import { catalog } from '../../src/catalog.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { testWrongConfigs, text } from './wrong-config.ts';

testWrongConfigs(
  [
    {
      name: 'one metric with two meanings for the same sink, and no other',
      yaml: text`
      sources: { app: { type: stdin } }
      sinks: { out: { type: console }, far: { type: console } }
      pipelines:
        one: { from: [app], stages: [{ counter: { name: hits, labels: [a, b] } }, severity_metrics], to: [out] }
        same: { from: [app], stages: [{ counter: { name: hits, labels: { b: x, a: y } } }], to: [out] }
        elsewhere: { from: [app], stages: [{ gauge: { name: hits, value: n } }], to: [far] }
        labels: { from: [app], stages: [{ counter: { name: hits, labels: [a] } }], to: [out, far] }
        type: { from: [app], stages: [json, { gauge: { name: hits, value: n, labels: [a, b] } }], to: [out] }
    `,
      printed: text`
      app.yaml:7:35: Metric "hits" has another set of labels than in pipeline "one" (ERR_CONFIG_VALUE)
        7 |   labels: { from: [app], stages: [{ counter: { name: hits, labels: [a] } }], to: [out, far] }
          |                                   ^
        hint: Make them equal, or give one of the two another name

      app.yaml:8:39: Metric "hits" has another type than in pipeline "one" (ERR_CONFIG_VALUE)
        8 |   type: { from: [app], stages: [json, { gauge: { name: hits, value: n, labels: [a, b] } }], to: [out] }
          |                                       ^
        hint: Make them equal, or give one of the two another name
    `,
    },
  ],
  catalog,
);

test('nothing is wrong with the example of metrics', async () => {
  const file = join(import.meta.dirname, '../../examples/metrics.yaml');
  const text = readFileSync(file, 'utf8');
  const loaded = await loadConfig({ text, file, env: {}, catalog, loadStage: loadOwnStage });
  assert.deepEqual(loaded.ok ? loaded.warnings : loaded.errors, []);
});
