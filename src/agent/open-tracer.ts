import type { Clock } from '../core/clock.ts';
import type { Resource } from '../core/resource.ts';
import { LogLimiter } from '../delivery/log-limiter.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Tracer } from '../telemetry/tracer.ts';

/** What of the resource of the application holds for the agent beside it, too. */
const SHARED_ATTRIBUTE = /^(?:k8s|host|cloud|container)\./;

/** What a tracer is opened with. */
export interface TracerSetting {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly resource: Resource;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * The tracer that `OTEL_TRACES_EXPORTER` asks for; undefined: none. Unlike with an SDK, which begins to send when nobody
 * says otherwise, the variable must be there: an agent sends nothing about itself unasked.
 */
export async function openTracer({ env, resource, clock, logger }: TracerSetting): Promise<Tracer | undefined> {
  const exporter = env['OTEL_TRACES_EXPORTER']?.trim() ?? '';
  if (exporter === '' || exporter === 'none' || env['OTEL_SDK_DISABLED']?.trim().toLowerCase() === 'true') return;
  if (exporter !== 'otlp') {
    logger.warn({ exporter }, 'OTEL_TRACES_EXPORTER names an exporter that the agent does not have: "otlp" or "none".');
    return;
  }
  const { openOtlpTracer } = await import('../telemetry/otlp-tracer.ts');
  const limiter = new LogLimiter(clock);
  const tracer = openOtlpTracer({
    attributes: Object.fromEntries(
      Array.from(resource.attributes)
        .filter(([name]) => SHARED_ATTRIBUTE.test(name))
        .map(([name, value]) => [name, typeof value === 'object' ? [...value] : value]),
    ),
    onProblem(message) {
      const held = limiter.pass('traces');
      if (held !== undefined) logger.warn({ problem: message, held }, 'Spans of the agent cannot be sent.');
    },
  });
  logger.info('Spans of the agent are sent, about its own requests.');
  return tracer;
}
