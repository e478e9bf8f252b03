import { EpochUnit, parseEpoch } from '../../bytes/epoch-time.ts';
import { parseIsoTime } from '../../bytes/iso-time.ts';
import type { ParsedTime } from '../../bytes/parsed-time.ts';
import type { TimeZone } from '../../bytes/time-zone.ts';
import { closest } from '../../component/closest.ts';
import { ConfigError } from '../../core/errors.ts';
import { parseFormat } from './format-steps.ts';
import { TimeFormat } from './time-format.ts';

/**
 * Reads the time that fills `bytes[start, end)` into `into`, as Unix time. `observedUnixMs`: when the text was read, for
 * formats without a year. False: it is not readable.
 */
export type ReadTime = (
  bytes: Uint8Array,
  start: number,
  end: number,
  observedUnixMs: number,
  into: ParsedTime,
) => boolean;

/** The formats that have a name. */
const NAMED: ReadonlyMap<string, (zone: TimeZone) => ReadTime> = new Map([
  ['auto', readAnyTime],
  ['iso8601', readIsoTime],
  ['epoch_s', () => readEpochTime(EpochUnit.Seconds)],
  ['epoch_ms', () => readEpochTime(EpochUnit.Millis)],
  ['epoch_us', () => readEpochTime(EpochUnit.Micros)],
  ['epoch_ns', () => readEpochTime(EpochUnit.Nanos)],
]);

/** The reader of formats, of which the first that fits counts, or what is wrong with one of them. */
export function createTimeReader(formats: readonly string[], zone: TimeZone): ReadTime | ConfigError {
  const readers: ReadTime[] = [];
  for (const format of formats) {
    const reader = createFormatReader(format, zone);
    if (reader instanceof ConfigError) return reader;
    readers.push(reader);
  }
  const [only, ...others] = readers;
  return others.length === 0 ? only! : firstOf(readers);
}

function firstOf(readers: readonly ReadTime[]): ReadTime {
  return (bytes, start, end, observedUnixMs, into) => {
    for (let i = 0; i < readers.length; i++) if (readers[i]!(bytes, start, end, observedUnixMs, into)) return true;
    return false;
  };
}

/** The reader of a format, a name or directives, or what is wrong with it. */
function createFormatReader(format: string, zone: TimeZone): ReadTime | ConfigError {
  const named = NAMED.get(format);
  if (named !== undefined) return named(zone);
  if (!format.includes('%')) return unknownFormat(format);
  const steps = parseFormat(format);
  if (steps instanceof ConfigError) return steps;
  const timeFormat = new TimeFormat(steps, zone);
  return (bytes, start, end, observedUnixMs, into) => timeFormat.read(bytes, start, end, observedUnixMs, into);
}

function readAnyTime(zone: TimeZone): ReadTime {
  const readIso = readIsoTime(zone);
  const readEpoch = readEpochTime(EpochUnit.Auto);
  return (bytes, start, end, observedUnixMs, into) => {
    const read = bytes[start + 4] === 0x2d ? readIso : readEpoch;
    return read(bytes, start, end, observedUnixMs, into);
  };
}

function readIsoTime(zone: TimeZone): ReadTime {
  return (bytes, start, end, _observedUnixMs, into) => {
    if (!parseIsoTime(bytes, start, end, into)) return false;
    if (into.isLocal) into.seconds = zone.toUnix(into.seconds);
    return true;
  };
}

function readEpochTime(unit: EpochUnit): ReadTime {
  return (bytes, start, end, _observedUnixMs, into) => parseEpoch(bytes, start, end, unit, into);
}

function unknownFormat(format: string): ConfigError {
  const names = [...NAMED.keys()];
  const near = closest(format, names);
  return new ConfigError({
    code: 'ERR_CONFIG_VALUE',
    path: ['format'],
    message: `Cannot use time format ${JSON.stringify(format)}: it is no known name and holds no directive`,
    hint: near
      ? `Did you mean ${JSON.stringify(near)}?`
      : `Use ${names.join(', ')}, or directives as in "%d/%b/%Y:%H:%M:%S %z"`,
  });
}
