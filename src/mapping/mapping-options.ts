import * as v from 'valibot';
import { SCALE } from '../component/metric-options.ts';
import {
  choice,
  defaultText,
  defaultTexts,
  described,
  flag,
  integer,
  object,
  optionalText,
  size,
  text,
  textMap,
} from '../component/options.ts';
import { MAPPED_TYPES, type MappingLimits } from './metric-mapping.ts';

const states = v.record(
  v.string(),
  v.pipe(v.string('expected text'), v.minLength(1, 'expected text that is not empty')),
);

const mapping = object({
  name: text({
    doc: 'The name of the metric, by the rules of OpenTelemetry or Prometheus. Entries with one name are one metric.',
    example: 'shop.orders',
  }),
  type: choice(MAPPED_TYPES, {
    doc: '`counter`: a sum that only grows; `up_down_counter`: one that does not; `gauge`: a value of now that nobody would add up; `histogram`: counts in buckets.',
    default: 'gauge',
  }),
  unit: optionalText({ doc: 'The unit, in UCUM, as it is after `scale`.', example: '"{order}"' }),
  description: optionalText({ doc: 'What the metric says, in a sentence.', example: 'Orders taken.' }),
  each: defaultTexts({
    doc: 'Reads a value for each element of a list or an object: `pool in pools` names the element, `name, pool in pools` its key, too (in a list its place, from 0 on). Several are loops inside of each other.',
    default: [],
    example: 'name, pool in pools',
  }),
  value: optionalText({
    doc: 'Where the value is: a path from the document or an element, as in `memory.used`, `pools[0].size` or `["odd name"].size`; `.` is the document itself. Numbers that are written as text are read, true and false are 1 and 0. Every type needs it but `histogram`.',
    example: 'pool.size',
  }),
  scale: SCALE,
  labels: textMap({
    doc: 'Labels by name (attributes, to OTLP), each with the path of its value, or a text in quotes of its own. What is not there is a label that is not there.',
    example: `{ pool: name, kind: '"heap"' }`,
  }),
  states: v.optional(
    described(states, 'map', {
      doc: 'Makes a series for each state: 1 for the one that the value names, 0 for the others. Values by how the application writes them, each with the name of its state.',
      example: '{ UP: ok, DOWN: failed, OUT_OF_SERVICE: failed }',
    }),
  ),
  state_label: defaultText({ doc: 'The label that holds the name of the state.', default: 'state' }),
  count: optionalText({
    doc: 'Of a histogram: the path of how many measurements there were; what the buckets hold where nothing is given.',
    example: 'requests.count',
  }),
  sum: optionalText({ doc: 'Of a histogram: the path of their sum.', example: 'requests.total_ms' }),
  buckets: optionalText({
    doc: 'Of a histogram: the path of an object with a count for each upper bound; infinity is `inf` or `+Inf`. Without it there is one bucket.',
    example: 'requests.by_ms',
  }),
  cumulative_buckets: flag({
    doc: 'Whether each of these counts holds those of the buckets below it, as in Prometheus.',
    default: false,
  }),
  optional: flag({
    doc: 'Whether it is all right that there is no value; otherwise that is counted, and said once.',
    default: false,
  }),
});

/** The option `metrics`: how metrics are read out of a document. */
export const MAPPINGS = described(
  v.pipe(v.array(mapping, 'expected a list of metrics'), v.minLength(1, 'expected at least one metric')),
  'list of metrics',
  {
    doc: 'The metrics, and where in the document each is.',
    example: '[{ name: shop.orders, type: counter, value: orders.total }]',
  },
);

/** The option `start`: where the document says since when the application counts. */
export const START = v.optional(
  described(
    object({
      uptime: optionalText({
        doc: 'The path of how long that has been, in seconds after `scale`.',
        example: 'process.uptime',
      }),
      time: optionalText({
        doc: 'The path of when that was: seconds since 1970 after `scale`, or a time such as `2026-11-30T12:00:00Z`.',
        example: 'started_at',
      }),
      scale: SCALE,
    }),
    'map',
    {
      doc: 'Where the document says since when the application counts; one of `uptime` and `time`. Without it the start of a counter is known once it has begun anew.',
    },
  ),
);

/** The options about how many series there may be. */
export const MAPPING_LIMITS = {
  max_series: integer({
    doc: 'How many series a metric has. What comes beyond is added up in one, with the label `otel.metric.overflow="true"`; series that are there already go first.',
    default: 2000,
    min: 1,
    max: 20_000,
  }),
  max_label_length: size({ doc: 'Longer values of labels are cut.', default: '256B', min: '1B', max: '16KiB' }),
};

/** The limits that the options set. */
export function mappingLimits(options: {
  readonly max_series: number;
  readonly max_label_length: number;
}): MappingLimits {
  return { maxSeries: options.max_series, maxLabelBytes: options.max_label_length };
}
