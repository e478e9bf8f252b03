import { Scale } from '../component/scale.ts';
import type { MetricFamily } from '../core/metric.ts';
import { labelText, textOf } from './cast.ts';
import type { Json } from './json.ts';
import type { DropReason, MappingLimits, MetricMapping } from './metric-mapping.ts';
import { readHistogram, readNumber, type SampleResult } from './read-sample.ts';
import { compileLoops, compileValue, type Loops, type Names, type Scope, type ValueReader } from './reader.ts';
import { type LabelPairs, type ReadingTimes, SeriesTable } from './series-table.ts';

/** How many elements one metric looks at in a document, and all of them: each costs time in which nothing else happens. */
const MAX_ELEMENTS = 20_000;
const MAX_ELEMENTS_OF_ALL = 100_000;

/** Values of a metric that were not taken as they are. */
export interface Dropped {
  readonly metric: string;
  readonly reason: DropReason;
  /** How the values, or the loop, are written in the mapping. */
  readonly path: string;
  readonly count: number;
}

/** What a document says. */
export interface Evaluated {
  readonly families: readonly MetricFamily[];
  /** How many values were taken. */
  readonly samples: number;
  readonly dropped: readonly Dropped[];
}

interface Entry {
  readonly mapping: MetricMapping;
  readonly table: SeriesTable;
  readonly loops: Loops;
  readonly labels: readonly (readonly [name: string, read: ValueReader])[];
  readonly read: (scope: Scope) => SampleResult;
  /** Of a mapping with states: the value itself, what each one means, and all states. */
  readonly states: { readonly read: ValueReader; readonly names: ReadonlyMap<string, string> } | undefined;
}

interface Family {
  readonly head: Pick<MetricFamily, 'name' | 'type' | 'unit' | 'description'>;
  readonly table: SeriesTable;
}

/** Reads documents of one application, one after the other: series keep their labels and their starts. */
export class Mapping {
  readonly #entries: readonly Entry[];
  readonly #families: readonly Family[];
  readonly #maxLabelBytes: number;
  /** Of each entry. */
  readonly #maxElements: number;

  /** The mappings must have passed `checkMappings()`. `commonLabels` are those of all series. */
  constructor(mappings: readonly MetricMapping[], limits: MappingLimits, commonLabels: LabelPairs) {
    this.#maxLabelBytes = limits.maxLabelBytes;
    const families = new Map<string, Family>();
    this.#entries = mappings.map((mapping) => {
      const { name, type, unit = '', description = '' } = mapping;
      let family = families.get(name);
      if (family === undefined) {
        const table = new SeriesTable(type, limits.maxSeries, commonLabels);
        families.set(name, (family = { head: { name, type, unit, description }, table }));
      }
      return compileEntry(mapping, family.table);
    });
    this.#families = [...families.values()];
    this.#maxElements = Math.min(MAX_ELEMENTS, Math.ceil(MAX_ELEMENTS_OF_ALL / mappings.length));
  }

  evaluate(document: Json, times: ReadingTimes): Evaluated {
    const dropped: Dropped[] = [];
    let samples = 0;
    for (const entry of this.#entries) samples += this.#read(entry, document, dropped);
    const families = this.#families.flatMap(({ head, table }): MetricFamily[] => {
      const { points, overflowed } = table.end(times);
      if (overflowed > 0) dropped.push({ metric: head.name, reason: 'overflow', path: '', count: overflowed });
      return points.length === 0 ? [] : [{ ...head, points }];
    });
    return { families, samples, dropped };
  }

  /** How many samples it gave. */
  #read(entry: Entry, document: Json, dropped: Dropped[]): number {
    const { mapping, loops } = entry;
    const counts = new Map<DropReason, number>();
    const drop = (reason: DropReason): void => {
      if (mapping.optional !== true || (reason !== 'missing' && reason !== 'label'))
        counts.set(reason, (counts.get(reason) ?? 0) + 1);
    };
    let elements = 0;
    let samples = 0;
    const isComplete = loops.run(document, (scope) => {
      if (++elements > this.#maxElements) {
        drop('elements');
        return false;
      }
      const labels = this.#labelsOf(entry, scope);
      if (labels.length < entry.labels.length) drop('label');
      samples +=
        entry.states === undefined ? addSample(entry, labels, scope, drop) : addStates(entry, labels, scope, drop);
      return true;
    });
    const each = mapping.each?.join('; ') ?? '';
    if (!isComplete && mapping.optional !== true)
      dropped.push({ metric: mapping.name, reason: 'missing', path: each, count: 1 });
    const path = mapping.value ?? mapping.buckets ?? mapping.count ?? '';
    for (const [reason, count] of counts) {
      const where = reason === 'label' ? Object.values(mapping.labels ?? {}).join('; ') : path;
      dropped.push({ metric: mapping.name, reason, path: where, count });
    }
    return samples;
  }

  #labelsOf({ labels }: Entry, scope: Scope): [string, string][] {
    const pairs: [string, string][] = [];
    for (const [name, read] of labels) {
      const text = textOf(read(scope));
      if (text !== undefined && text !== '') pairs.push([name, labelText(text, this.#maxLabelBytes)]);
    }
    return pairs;
  }
}

/** Throws a `PathError`. */
function compileEntry(mapping: MetricMapping, table: SeriesTable): Entry {
  const { each = [], labels = {}, value, states } = mapping;
  const loops = compileLoops(each);
  const { names } = loops;
  return {
    mapping,
    table,
    loops,
    labels: Object.entries(labels)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, expression]) => [name, compileValue(expression, names)]),
    read: compileRead(mapping, names),
    states:
      states === undefined || value === undefined
        ? undefined
        : { read: compileValue(value, names), names: new Map(Object.entries(states)) },
  };
}

function compileRead(mapping: MetricMapping, names: Names): (scope: Scope) => SampleResult {
  const { type, value } = mapping;
  const scale = new Scale(mapping.scale ?? 1);
  const reader = (path: string | undefined) => (path === undefined ? undefined : compileValue(path, names));
  if (type !== 'histogram') {
    const read = compileValue(value ?? '.', names);
    return (scope) => readNumber(read, scope, type, scale);
  }
  const readers = {
    count: reader(mapping.count),
    sum: reader(mapping.sum),
    buckets: reader(mapping.buckets),
    areCumulative: mapping.cumulative_buckets ?? false,
  };
  return (scope) => readHistogram(readers, scope, scale);
}

function addSample(entry: Entry, labels: LabelPairs, scope: Scope, drop: (reason: DropReason) => void): number {
  const sample = entry.read(scope);
  if (sample.kind !== 'none' && entry.table.add(labels, sample)) return 1;
  drop(sample.kind === 'none' ? sample.reason : 'duplicate');
  return 0;
}

/** A sample for each state: 1 for the one that the value names. */
function addStates(entry: Entry, labels: LabelPairs, scope: Scope, drop: (reason: DropReason) => void): number {
  const { states, table, mapping } = entry;
  if (states === undefined) return 0;
  const text = textOf(states.read(scope) ?? undefined);
  if (text === undefined) {
    drop('missing');
    return 0;
  }
  const current = states.names.get(text);
  if (current === undefined) drop('state');
  const label = mapping.state_label ?? 'state';
  let samples = 0;
  for (const state of new Set(states.names.values())) {
    const sample = { kind: 'number', value: state === current ? 1 : 0 } as const;
    if (table.add([...labels, [label, state]], sample)) samples++;
    else drop('duplicate');
  }
  return samples;
}
