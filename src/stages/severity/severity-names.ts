import { SYSLOG_SEVERITY_NUMBERS } from '../../codec/syslog/priority.ts';

const SHORT_NAMES = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];

/** OTLP's SeverityNumber by its short name: `TRACE` is 1, `TRACE2` 2, ... `FATAL4` 24. */
export const SEVERITY_NUMBERS: ReadonlyMap<string, number> = new Map(
  Array.from({ length: 24 }, (_, i) => [`${SHORT_NAMES[Math.floor(i / 4)]}${i % 4 === 0 ? '' : (i % 4) + 1}`, i + 1]),
);

/**
 * What loggers call their levels, in small letters. The numbers are those of the OpenTelemetry log data model,
 * appendix B, where it knows the name.
 *
 * Two names mean two things. `critical` is 21, as .NET and Python have it, though Windows and PHP (PSR-3) have levels
 * above theirs; `crit` is syslog's, 18. `verbose` is 5 as with Windows, though with Serilog it is below `debug`.
 */
export const LEVEL_NAMES: ReadonlyMap<string, number> = new Map([
  ...[...SEVERITY_NUMBERS].map(([name, number]): [string, number] => [name.toLowerCase(), number]),
  // java.util.logging; `info` and `warning` are in the lists of others.
  ['finest', 1],
  ['finer', 5],
  ['fine', 6],
  ['config', 7],
  ['severe', 17],
  // syslog, by the words of RFC 5424 and by those of its programs.
  ['informational', 9],
  ['notice', 10],
  ['warning', 13],
  ['err', 17],
  ['crit', 18],
  ['alert', 19],
  ['emerg', 21],
  ['emergency', 21],
  // zap
  ['dpanic', 18],
  ['panic', 19],
  // .NET in words and as its console writes them, Windows, Python
  ['trce', 1],
  ['verbose', 5],
  ['dbug', 5],
  ['information', 9],
  ['fail', 17],
  ['critical', 21],
  // Serilog and zerolog, in three letters
  ['trc', 1],
  ['dbg', 5],
  ['inf', 9],
  ['wrn', 13],
  ['ftl', 21],
  // klog, and one letter of the others
  ['t', 1],
  ['d', 5],
  ['i', 9],
  ['w', 13],
  ['e', 17],
  ['f', 21],
]);

/** What numbers mean as levels, by who writes them: 0 is the highest to syslog and 10 the lowest to pino. */
export const LEVEL_NUMBERS = {
  /** pino and bunyan */
  pino: { 10: 1, 20: 5, 30: 9, 40: 13, 50: 17, 60: 21 },
  /** Python's logging */
  python: { 10: 5, 20: 9, 30: 13, 40: 17, 50: 21 },
  syslog: { ...SYSLOG_SEVERITY_NUMBERS },
} as const;

/** Who writes levels as numbers. */
export type LevelNumbers = keyof typeof LEVEL_NUMBERS;
