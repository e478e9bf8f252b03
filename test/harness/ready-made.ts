import assert from 'node:assert/strict';
import { caseClock } from '../../src/agent/cases.ts';
import { pipelinesOf } from '../../src/agent/chosen-pipeline.ts';
import { loadOwnStage } from '../../src/agent/load-own-stage.ts';
import type { TraceOptions } from '../../src/agent/trace-input.ts';
import { catalog } from '../../src/catalog.ts';
import { formatErrors } from '../../src/config/format-errors.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { SystemClock } from '../../src/core/clock.ts';
import { unwatchedInstruments } from '../../src/core/instruments.ts';
import { KeyTable } from '../../src/core/key-table.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';

/** A ready-made pipeline with stages behind it, to be traced; fails the test when it has errors. */
export async function readyMade(
  name: string,
  behind: readonly (string | object)[] = [],
): Promise<Omit<TraceOptions, 'stream'>> {
  const text = JSON.stringify({
    sources: { app: { type: 'file', include: ['/app.log'] } },
    pipelines: { logs: { from: 'app', stages: [{ use: name }, ...behind], to: 'out' } },
    sinks: { out: { type: 'console' } },
  });
  const loaded = await loadConfig({ text, file: 'app.yaml', env: {}, catalog, loadStage: loadOwnStage });
  if (!loaded.ok) assert.fail(formatErrors(loaded.errors, text));
  const [pipeline] = pipelinesOf(loaded.config);
  const logger = createLogger({ level: 'error', pretty: false, stream: process.stderr });
  const parts = { metrics: new Metrics(), keys: new KeyTable(), instruments: unwatchedInstruments };
  const context = { name, clock: caseClock(new SystemClock()), logger, ...parts };
  return { ...pipeline!, context };
}
