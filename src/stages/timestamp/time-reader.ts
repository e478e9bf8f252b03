import { EpochUnit, parseEpoch } from '../../bytes/epoch-time.ts';
import { IsoTime } from '../../bytes/iso-time.ts';
import type { ParsedTime } from '../../bytes/parsed-time.ts';
import type { TimeZone } from '../../bytes/time-zone.ts';
import { closest } from '../../component/closest.ts';
import { ConfigError } from '../../core/errors.ts';
import type { RecordBatch } from '../../core/record-batch.ts';
import { parseFormat } from './format-steps.ts';
import { TimeFormat } from './time-format.ts';

/**
 * Reads the time that fills `batch.bytes[start, end)` into `into`, as Unix time; one without a year by when the batch was
 * read. False: it is not readable.
 */
export type ReadTime = (batch: RecordBatch, start: number, end: number, into: ParsedTime) => boolean;

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
  return (batch, start, end, into) => {
    for (let i = 0; i < readers.length; i++) if (readers[i]!(batch, start, end, into)) return true;
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
  return (batch, start, end, into) => timeFormat.read(batch.bytes, start, end, batch.observedUnixMs, into);
}

function readAnyTime(zone: TimeZone): ReadTime {
  const readIso = readIsoTime(zone);
  const readEpoch = readEpochTime(EpochUnit.Auto);
  return (batch, start, end, into) => {
    const read = batch.bytes[start + 4] === 0x2d ? readIso : readEpoch;
    return read(batch, start, end, into);
  };
}

function readIsoTime(zone: TimeZone): ReadTime {
  const isoTime = new IsoTime();
  return (batch, start, end, into) => {
    if (!isoTime.read(batch.bytes, batch.view, start, end, into)) return false;
    if (into.isLocal) into.seconds = zone.toUnix(into.seconds);
    return true;
  };
}

function readEpochTime(unit: EpochUnit): ReadTime {
  return (batch, start, end, into) => parseEpoch(batch.bytes, start, end, unit, into);
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
