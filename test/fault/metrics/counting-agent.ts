/**
 * The agent as a process, with a sink beside its own that shows metrics: `node counting-agent.ts pillion.yaml`. It ends
 * as `pillion run` does.
 */
import { readFileSync } from 'node:fs';
import { loadOwnStage } from '../../../src/agent/load-own-stage.ts';
import { openCheckpoint } from '../../../src/agent/open-checkpoint.ts';
import { catalog } from '../../../src/catalog.ts';
import { runAgent } from '../../../src/commands/run-agent.ts';
import { createCatalog } from '../../../src/component/catalog.ts';
import { formatErrors } from '../../../src/config/format-errors.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { SystemClock } from '../../../src/core/clock.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';
import { Metrics } from '../../../src/telemetry/metrics.ts';
import { collectorSink } from './collector-sink.ts';

const file = process.argv[2] ?? '';
const text = readFileSync(file, 'utf8');
const extended = createCatalog({
  sources: [...catalog.sources.values()],
  stages: [...catalog.stages.values()],
  sinks: [...catalog.sinks.values(), collectorSink],
});
const loaded = await loadConfig({ text, file, env: process.env, catalog: extended, loadStage: loadOwnStage });
if (!loaded.ok) throw new Error(formatErrors(loaded.errors, text));
const { config } = loaded;
const clock = new SystemClock();
const logger = createLogger({ level: config.logLevel, pretty: false, stream: process.stderr });
const metrics = new Metrics();
const checkpoint = await openCheckpoint(config.stateFolder, { clock, logger, metrics });
const drain = new AbortController();
process.once('SIGTERM', () => drain.abort());
const ended = await runAgent(
  { config, checkpoint, clock, logger, metrics },
  {
    drain: drain.signal,
    stop: new AbortController().signal,
    onHangup: () => () => {},
    whileStarting: (start) => start(),
    runAtFullSpeed: () => {},
    saveMemory: () => {},
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
  },
);
process.exitCode = ended.isComplete ? 0 : 1;
