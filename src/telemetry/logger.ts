import { pino } from 'pino';
import { printable, printableJson } from '../core/printable.ts';

/** The agent's own log: pino's interface, `logger.info({ fields }, 'Sentence.')`. */
export type Logger = pino.Logger;

/** The least that is shown. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/**
 * The agent's own log: JSON lines, or short coloured lines where a person looks on. Values that came from outside are
 * escaped in both, so that no file name or log line drives a terminal.
 *
 * ERROR: data was lost or somebody must act. WARN: something went wrong and was mended. INFO: a change of state.
 * DEBUG: details that never scale with records.
 */
export function createLogger(options: {
  level: LogLevel;
  pretty: boolean;
  /** Whether those short lines have colours; they do, unless somebody wants none. */
  colour?: boolean;
  /** Takes lines; a `Writable` does. */
  stream: { write(line: string): unknown };
}): Logger {
  const { level, pretty, colour = true, stream } = options;
  const form = pretty ? (line: string) => prettyLine(line, colour) : jsonLine;
  const destination = { write: (line: string) => void stream.write(form(line)) };
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
}

const DIM = '\u001b[2m';
const COLOURS: Record<string, string> = {
  debug: DIM,
  info: '\u001b[36m',
  warn: '\u001b[33m',
  error: '\u001b[31m',
};
const RESET = '\u001b[0m';

/** JSON leaves characters as they are that drive a terminal or turn text around. */
function jsonLine(line: string): string {
  return `${printableJson(line.slice(0, -1))}\n`;
}

/** One line of JSON as `12:00:00 warn  Message key=value`. Control characters stay escaped as JSON has them. */
function prettyLine(line: string, isColoured: boolean): string {
  const { level, time, msg, ...rest } = JSON.parse(line) as Record<string, unknown>;
  const fields = Object.entries(rest).map(([key, value]) => ` ${printable(key)}=${printable(JSON.stringify(value))}`);
  const coloured = (colour: string, text: string): string => (isColoured ? `${colour}${text}${RESET}` : text);
  const label = coloured(COLOURS[String(level)] ?? '', String(level).padEnd(5));
  return `${String(time).slice(11, 19)} ${label} ${printable(String(msg))}${coloured(DIM, fields.join(''))}\n`;
}
