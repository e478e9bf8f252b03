import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { buildStages } from '../../src/agent/build-stages.ts';
import { findCases } from '../../src/agent/cases.ts';
import { frameInput, type TraceOptions } from '../../src/agent/trace-input.ts';
import { READY_MADE_FOLDER, readyMadeNames } from '../../src/config/ready-made.ts';
import { readyMade } from '../harness/ready-made.ts';
import { registryOf, shown } from '../harness/registry.ts';

/** Attributes that ready-made pipelines set, and one that none does. */
const LABELS = [
  ...['client.address', 'http.request.method', 'url.path', 'url.query', 'user_agent.original', 'server.address'],
  ...['http.request.header.referer', 'http.response.body.size', 'clf.request', 'user.name', 'rest', 'nobody'],
];

/** What is counted of an input, and what else becomes of its records, where `wanted` is looked at behind the stages. */
function countedOf(input: Buffer, options: TraceOptions, wanted: ReadonlySet<string> | undefined): unknown {
  const { registry, metrics } = registryOf({ isVolatile: true });
  const stages = buildStages(options.steps, { ...options.context, metrics, instruments: registry, wanted });
  const batch = frameInput(input, options);
  for (const stage of stages) stage.process(batch);
  registry.seal({ onCommit: (counts) => counts.commit() });
  return {
    shown: shown(registry),
    own: metrics.series().map(({ name, labels, value }) => [name, labels, value]),
    drops: [...batch.drops],
    flags: [...batch.flags.subarray(0, batch.count)],
    times: [...batch.time.subarray(0, 2 * batch.count)],
    severities: [...batch.severityNumber.subarray(0, batch.count)],
  };
}

for (const name of readyMadeNames(READY_MADE_FOLDER)) {
  test(`${name} counts the same, whether it sets all attributes or those that are looked at`, async () => {
    const lines = findCases(join(READY_MADE_FOLDER, name, 'cases')).flatMap(({ inputFile }) =>
      readFileSync(inputFile, 'latin1').split('\n'),
    );
    const setting = fc.record({
      labels: fc.uniqueArray(fc.constantFrom(...LABELS), { maxLength: 3 }),
      by: fc.constantFrom(...LABELS),
      filter: fc.constantFrom(
        ...['attributes["http.response.status_code"] < 400', '!("url.query" in attributes)', 'severity < ERROR'],
      ),
      kept: fc.array(fc.constantFrom(...lines), { minLength: 1, maxLength: 20 }),
      cut: fc.nat({ max: 200 }),
    });
    await fc.assert(
      fc.asyncProperty(setting, async ({ labels, by, filter, kept, cut }) => {
        const behind = [
          { counter: { name: 'lines', labels }, if: `attributes["${by}"] != "a"` },
          { filter, on_error: 'drop' },
          'http_metrics',
        ];
        const options = { ...(await readyMade(name, behind)), stream: 'app.log' };
        const text = [...kept, kept[0]!.slice(0, cut), ...kept].join('\n');
        const input = Buffer.from(`${text}\n`, 'latin1');
        assert.deepEqual(countedOf(input, options, new Set()), countedOf(input, options, undefined));
      }),
      { numRuns: 5 },
    );
  });
}
