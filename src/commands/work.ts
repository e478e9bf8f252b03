import { loadPresentStage } from '../agent/load-own-stage.ts';
import { openTracer } from '../agent/open-tracer.ts';
import type { FromWorker, ToWorker, WorkerStart } from '../agent/workers/messages.ts';
import { WorkerSide } from '../agent/workers/worker-side.ts';
import { SystemClock } from '../core/clock.ts';
import { createLogger, type LogLevel } from '../telemetry/logger.ts';
import { VERSION } from '../telemetry/version.ts';
import type { CommandContext } from './context.ts';
import { loadText } from './read-config.ts';
import { wantsColour } from './style.ts';

/** What a thread of `pillion run` runs where files are spread over several; see `Workers`. */
export function work({ env, saveMemory }: Pick<CommandContext, 'env' | 'saveMemory'>): void {
  const { parentPort, workerData } = process.getBuiltinModule('node:worker_threads');
  if (parentPort === null) throw new Error('Cannot work: this is no worker thread');
  const { number, logLevel, isPretty } = workerData as WorkerStart;
  const post = (message: FromWorker): void => parentPort.postMessage(message);
  const stream = { write: (line: string): void => post({ kind: 'log', line }) };
  const form = { pretty: isPretty, colour: wantsColour(env) };
  const logger = createLogger({ level: logLevel as LogLevel, ...form, stream }).child({ worker: number });
  const clock = new SystemClock();
  const side = new WorkerSide({
    post,
    clock,
    logger,
    userAgent: `pillion/${VERSION}`,
    load: (text, file) => loadText(text, file, { env }, loadPresentStage),
    openTracer: (resource) => openTracer({ env, resource, clock, logger }),
    saveMemory,
    onEnd: () => parentPort.close(),
  });
  parentPort.on('message', (message: ToWorker) => side.receive(message));
}
