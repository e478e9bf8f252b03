const NAMES = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'] as const;

/** The short name of a range of SeverityNumbers, as OTLP has it. */
export type SeverityName = (typeof NAMES)[number];

/** The name of the range that an OTLP SeverityNumber lies in, four numbers each; undefined: none, or out of range. */
export function severityName(severityNumber: number): SeverityName | undefined {
  return severityNumber === 0 ? undefined : NAMES[Math.floor((severityNumber - 1) / 4)];
}
