import type { StageContext } from '../component/definition.ts';
import { type Clock, SystemClock } from '../core/clock.ts';
import { unwatchedInstruments } from '../core/instruments.ts';
import { KeyTable } from '../core/key-table.ts';
import { createLogger } from '../telemetry/logger.ts';
import { Metrics } from '../telemetry/metrics.ts';
import type { CommandContext } from './context.ts';
import { wantsColour } from './style.ts';

/** What stages run on in a command that looks at them without an agent: they say what is wrong only. */
export function stageContext(
  name: string,
  { stderr, env }: CommandContext,
  clock: Clock = new SystemClock(),
): StageContext {
  const logger = createLogger({
    level: 'error',
    pretty: stderr.isTTY === true,
    colour: wantsColour(env),
    stream: stderr,
  });
  return { name, clock, logger, metrics: new Metrics(), keys: new KeyTable(), instruments: unwatchedInstruments };
}
