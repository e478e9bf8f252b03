import { TimeZone } from '../../bytes/time-zone.ts';
import type { StageDefinition } from '../../component/definition.ts';
import { defaultText, flag, type Infer, object, optionalText, someTexts } from '../../component/options.ts';
import { ConfigError } from '../../core/errors.ts';
import { checkTimezone, TIMEZONE_OPTION } from '../timezone-option.ts';
import { createTimeReader } from './time-reader.ts';
import { TimestampStage } from './timestamp-stage.ts';

const options = object({
  field: defaultText({ doc: 'The attribute that holds the time.', default: 'time' }),
  format: someTexts({
    doc:
      'How the time is written, or a list of ways, of which the first that fits counts. `iso8601` is RFC 3339 and its ' +
      'variants; `epoch_s`, `epoch_ms`, `epoch_us` and `epoch_ns` are numbers since 1970, with or without a fraction; ' +
      '`auto` is any of these, epochs by their number of digits (10 or 11 are seconds, 13 or 14 ms, 16 or 17 µs, 19 or ' +
      '20 ns). Anything else is a format of directives: ' +
      '`%Y %y %m %b %B %d %e %a %A`, `%H %I %p %M %S`, `%f` or `%L` (1 to 9 digits of a second), `%z` (an offset), ' +
      '`%Z` (an offset, `UTC`, or an abbreviation of one zone such as `CEST` or `PST`), `%s` (epoch seconds), `%F %T ' +
      '%%`; a blank is one or more. Without a year, the year is the latest that does not put the record more than a day ' +
      'into the future; without a date, the day is the latest that does not put it more than an hour into the future.',
    default: ['auto'],
    example: '%d/%b/%Y:%H:%M:%S %z',
  }),
  ...TIMEZONE_OPTION,
  nanos: optionalText({
    doc:
      'The attribute that holds the nanoseconds of the second, from 0 to 999999999, where they stand apart from the time, ' +
      'as with Log4j and Logback.',
    example: 'instant.nanoOfSecond',
  }),
  keep: flag({ doc: 'Whether the attribute stays with the record.', default: false }),
});

/** The stage `timestamp`. */
export const timestampStage: StageDefinition<Infer<typeof options>> = {
  type: 'timestamp',
  summary: "Reads the record's time out of an attribute, exact to the nanosecond.",
  options,
  example: {
    config: '- timestamp: { field: time }',
    input: '{"time":"2026-01-02T03:04:05.678901234Z","user":7}',
    output:
      '{"timeUnixNano":"1767323045678901234",' +
      '"body":{"stringValue":"{\\"time\\":\\"2026-01-02T03:04:05.678901234Z\\",\\"user\\":7}"},' +
      '"attributes":[{"key":"user","value":{"intValue":"7"}}]}',
  },
  check({ format, timezone }) {
    const reader = createTimeReader(format, TimeZone.named(timezone) ?? TimeZone.utc);
    return [...(reader instanceof ConfigError ? [reader] : []), ...checkTimezone(timezone)];
  },
  looksAt: ({ field, nanos }) => (nanos === undefined ? [field] : [field, nanos]),
  build({ field, format, timezone, nanos, keep }, { keys }) {
    const read = createTimeReader(format, TimeZone.named(timezone) ?? TimeZone.utc);
    if (read instanceof ConfigError) throw read;
    return new TimestampStage(keys.internText(field), keep, read, nanos === undefined ? -1 : keys.internText(nanos));
  },
};
