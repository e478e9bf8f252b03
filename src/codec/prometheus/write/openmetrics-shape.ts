import type { MetricType, NumberPoint } from '../../../core/metric.ts';
import { OPENMETRICS_SUFFIXES } from '../parse/sample-suffix.ts';
import type { PrometheusFamily } from '../prometheus-family.ts';

/** As what a family can be written so that no rule of OpenMetrics is broken. */
export interface OpenMetricsShape {
  readonly type: MetricType;
  /** What the lines about it call it: a counter without `_total`. */
  readonly name: string;
}

/**
 * The shape of each family, in their order; undefined: it cannot be in one exposition with the others. What is not what
 * its type demands, such as a counter below zero, is written with a type that demands less. `name` of each is as it is
 * shown, escaped.
 */
export function openMetricsShapes(families: readonly PrometheusFamily[]): (OpenMetricsShape | undefined)[] {
  const others = new Set(families.filter(({ type }) => type !== 'counter').map(({ name }) => name));
  const taken = new Set<string>();
  return families.map((family) => {
    const wanted = shapeOf(family, others);
    const shape = take(wanted, taken) ? wanted : { type: 'unknown' as const, name: family.name };
    return shape === wanted || (hasOneNumber(family.type) && take(shape, taken)) ? shape : undefined;
  });
}

function shapeOf(family: PrometheusFamily, others: ReadonlySet<string>): OpenMetricsShape {
  const { name, type } = family;
  switch (type) {
    case 'counter': {
      const base = name.replace(/_total$/, '');
      const isFree = base !== '' && base !== name && !others.has(base) && !others.has(`${base}_created`);
      return isFree && every(family, isCount) ? { type, name: base } : { type: 'unknown', name };
    }
    case 'info': {
      const base = name.replace(/_info$/, '');
      return base !== '' && base !== name && every(family, ({ value }) => value === 1)
        ? { type, name: base }
        : { type: 'gauge', name };
    }
    case 'state_set': {
      const isState = ({ value, labels }: NumberPoint): boolean =>
        (value === 0 || value === 1) && labels.get(name) !== undefined;
      return { type: every(family, isState) ? type : 'gauge', name };
    }
    default:
      return { type, name };
  }
}

function take({ type, name }: OpenMetricsShape, taken: Set<string>): boolean {
  const names = [...new Set(['', ...OPENMETRICS_SUFFIXES[type]])].map((suffix) => name + suffix);
  if (names.some((one) => taken.has(one))) return false;
  for (const one of names) taken.add(one);
  return true;
}

function hasOneNumber(type: MetricType): boolean {
  return type !== 'histogram' && type !== 'gauge_histogram' && type !== 'summary';
}

function isCount({ value }: NumberPoint): boolean {
  return value >= 0;
}

function every({ series }: PrometheusFamily, holds: (point: NumberPoint) => boolean): boolean {
  for (const { point } of series) if (point.kind === 'number' && !holds(point)) return false;
  return true;
}
