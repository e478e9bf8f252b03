import { TimeZone } from '../bytes/time-zone.ts';
import { closest } from '../component/closest.ts';
import { defaultText } from '../component/options.ts';
import { ConfigError } from '../core/errors.ts';

/** The option `timezone` of every stage that reads times, as an entry for `object()`. */
export const TIMEZONE_OPTION = {
  timezone: defaultText({
    doc:
      'The time zone of times that name none: `UTC`, an offset, or an IANA name. Times that the zone has twice, when ' +
      'clocks are put back, are the first of the two; times that it leaves out count on from before the change.',
    default: 'UTC',
    example: 'Europe/Berlin',
  }),
};

/** What is wrong with the value of the option. */
export function checkTimezone(name: string): ConfigError[] {
  return TimeZone.named(name) === undefined ? [unknownZone(name)] : [];
}

function unknownZone(name: string): ConfigError {
  const near = closest(name, Intl.supportedValuesOf('timeZone'));
  return new ConfigError({
    code: 'ERR_CONFIG_VALUE',
    path: ['timezone'],
    message: `Unknown time zone ${JSON.stringify(name)}`,
    hint: near
      ? `Did you mean ${JSON.stringify(near)}?`
      : 'Use an IANA name such as "Europe/Berlin", "UTC", or "+02:00"',
  });
}
