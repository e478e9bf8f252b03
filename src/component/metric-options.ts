import * as v from 'valibot';
import { ConfigError, type ConfigPath } from '../core/errors.ts';
import { OVERFLOW_LABEL } from '../core/instruments.ts';
import { described } from './options.ts';

/** The option `scale` of a component that measures. */
export const SCALE = v.optional(
  described(
    v.pipe(
      v.number('expected a number'),
      v.finite('expected a finite number'),
      v.check((factor) => factor > 0, 'expected a number above 0'),
    ),
    'number',
    { doc: 'What the value is multiplied with: `0.001` makes seconds of milliseconds.', example: '0.001' },
  ),
  1,
);

/** OpenTelemetry's names of instruments, and the colon that Prometheus allows. */
const METRIC_NAME = /^[A-Za-z_:][\w.:/-]{0,254}$/;
const MAX_LABEL_NAME = 128;
/** Labels that Prometheus makes out of what a metric is. */
const TAKEN_LABELS = new Set(['le', 'quantile', '__name__', OVERFLOW_LABEL, 'otel_metric_overflow']);

/** What is wrong with the name of a metric that is written at `path`. */
export function checkMetricName(name: string, path: ConfigPath): ConfigError[] {
  if (METRIC_NAME.test(name)) return [];
  const message = `Cannot use ${JSON.stringify(name)} as the name of a metric`;
  const hint = 'Use at most 255 letters, digits, "_", ".", "-" and "/", and begin with a letter';
  return [new ConfigError({ code: 'ERR_CONFIG_VALUE', path, message, hint })];
}

/** What is wrong with the name of a label that is written at `path`. */
export function checkLabelName(name: string, path: ConfigPath): ConfigError[] {
  if (name !== '' && name.length <= MAX_LABEL_NAME && !/\p{C}/u.test(name) && !TAKEN_LABELS.has(name)) return [];
  const message = `Cannot use ${JSON.stringify(name)} as the name of a label`;
  const hint = TAKEN_LABELS.has(name) ? 'It has a meaning of its own: choose another one' : undefined;
  return [new ConfigError({ code: 'ERR_CONFIG_VALUE', path, message, hint })];
}
