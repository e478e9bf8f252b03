import { checkLabelName, checkMetricName } from '../component/metric-options.ts';
import { ConfigError, type ConfigPath } from '../core/errors.ts';
import type { MetricMapping } from './metric-mapping.ts';
import { PathError } from './path.ts';
import { compileLoops, compileValue, type Names } from './reader.ts';
import type { StartMapping } from './start-time.ts';

const PATH_HINT =
  'Write it as in memory.used, pools[0].size or ["odd name"].size, and a text in quotes of its own: \'"web"\'';

/** What is wrong with the mappings that are written at `path`. */
export function checkMappings(mappings: readonly MetricMapping[], path: ConfigPath): ConfigError[] {
  const first = new Map<string, MetricMapping>();
  return mappings.flatMap((mapping, i) => {
    const at = [...path, i];
    const other = first.get(mapping.name);
    first.set(mapping.name, other ?? mapping);
    return [
      ...checkMetricName(mapping.name, [...at, 'name']),
      ...(other === undefined ? [] : checkSame(mapping, other, at)),
      ...checkParts(mapping, at),
      ...checkLabels(mapping, at),
      ...checkExpressions(mapping, at),
    ];
  });
}

/** What is wrong with where the start of an application is found. */
export function checkStart(start: StartMapping | undefined, path: ConfigPath): ConfigError[] {
  if (start === undefined) return [];
  if ((start.uptime === undefined) === (start.time === undefined)) {
    return [wrong(path, 'Cannot find a start: it takes one of "uptime" and "time"', 'Name one of the two')];
  }
  const key = start.uptime === undefined ? 'time' : 'uptime';
  return checkExpression(start[key], new Map(), [...path, key]);
}

function checkSame(mapping: MetricMapping, other: MetricMapping, at: ConfigPath): ConfigError[] {
  const name = JSON.stringify(mapping.name);
  return (['type', 'unit'] as const).flatMap((key) => {
    if (mapping[key] === other[key]) return [];
    const message = `Cannot read the metric ${name} in two ways: the "${key}" of one differs from that of the other`;
    return [wrong([...at, key], message, 'Write both alike, or give them two names')];
  });
}

/** Which keys go together. */
function checkParts(mapping: MetricMapping, at: ConfigPath): ConfigError[] {
  const { type, value, count, buckets, states } = mapping;
  const shown = JSON.stringify(mapping.name);
  if (type === 'histogram') {
    const hasOther = value !== undefined || states !== undefined;
    if (!hasOther && (count !== undefined || buckets !== undefined)) return [];
    const message = `Cannot read the histogram ${shown}: it takes "buckets", or "count" and "sum", and no "value" or "states"`;
    return [wrong(at, message, 'Say where its parts are, as in `count: requests.count` and `sum: requests.seconds`')];
  }
  const errors: ConfigError[] = [];
  if (value === undefined) {
    const message = `Cannot read the metric ${shown}: it has no "value"`;
    errors.push(
      new ConfigError({
        code: 'ERR_CONFIG_MISSING',
        path: at,
        message,
        hint: 'Say where it is, as in `value: memory.used`',
      }),
    );
  }
  for (const key of ['count', 'sum', 'buckets'] as const) {
    if (mapping[key] === undefined) continue;
    errors.push(
      wrong(
        [...at, key],
        `Cannot use "${key}" of the ${type} ${shown}: only histograms have it`,
        'Use "value", or `type: histogram`',
      ),
    );
  }
  if (states !== undefined && type === 'counter') {
    const message = `Cannot use "states" of the counter ${shown}: states come and go`;
    errors.push(wrong([...at, 'states'], message, 'Use `type: gauge`'));
  }
  return errors;
}

function checkLabels(
  { labels = {}, states, state_label: stateLabel = 'state' }: MetricMapping,
  at: ConfigPath,
): ConfigError[] {
  const errors = Object.keys(labels).flatMap((name) => checkLabelName(name, [...at, 'labels', name]));
  if (states === undefined) return errors;
  errors.push(...checkLabelName(stateLabel, [...at, 'state_label']));
  if (!Object.hasOwn(labels, stateLabel)) return errors;
  const message = `Cannot use the label ${JSON.stringify(stateLabel)} twice: it holds the state`;
  return [...errors, wrong([...at, 'labels', stateLabel], message, 'Choose another "state_label"')];
}

function checkExpressions(mapping: MetricMapping, at: ConfigPath): ConfigError[] {
  let names: Names;
  let loop = 0;
  try {
    names = compileLoops(mapping.each ?? [], (index) => (loop = index)).names;
  } catch (error) {
    if (!(error instanceof PathError)) throw error;
    const message = `Cannot go through ${JSON.stringify(mapping.each?.[loop] ?? '')}: ${error.message}`;
    return [wrong([...at, 'each', loop], message, 'Write it as in "pool in pools", or "name, pool in pools"')];
  }
  const keys = ['value', 'count', 'sum', 'buckets'] as const;
  return [
    ...keys.flatMap((key) => checkExpression(mapping[key], names, [...at, key])),
    ...Object.entries(mapping.labels ?? {}).flatMap(([name, expression]) =>
      checkExpression(expression, names, [...at, 'labels', name]),
    ),
  ];
}

function checkExpression(expression: string | undefined, names: Names, path: ConfigPath): ConfigError[] {
  if (expression === undefined) return [];
  try {
    compileValue(expression, names);
    return [];
  } catch (error) {
    return [wrongPath(error, expression, path)];
  }
}

/** Throws what is no `PathError`. */
function wrongPath(error: unknown, written: string, path: ConfigPath): ConfigError {
  if (!(error instanceof PathError)) throw error;
  return wrong(path, `Cannot read ${JSON.stringify(written)} as a path: ${error.message}`, PATH_HINT);
}

function wrong(path: ConfigPath, message: string, hint: string): ConfigError {
  return new ConfigError({ code: 'ERR_CONFIG_VALUE', path, message, hint });
}
