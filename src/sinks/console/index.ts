import type { Writable } from 'node:stream';
import type { SinkDefinition } from '../../component/definition.ts';
import { choice, type Infer, object } from '../../component/options.ts';
import { messageOf } from '../../core/errors.ts';
import { ConsoleSink } from './console-sink.ts';
import type { RecordFormat } from './format.ts';
import { JsonFormat } from './json-format.ts';
import { OtlpJsonFormat } from './otlp-json-format.ts';
import { PrettyFormat } from './pretty-format.ts';

const options = object({
  format: choice(['pretty', 'json', 'otlp_json'], {
    doc: 'How a record looks: `pretty` for people, `json` as a plain object a line, `otlp_json` as the OTLP file exporter writes it, a line for each batch.',
    default: 'pretty',
  }),
  color: choice(['auto', 'always', 'never'], {
    doc: 'Whether `pretty` uses colours; `auto` where standard output is a terminal that has them, and `NO_COLOR` is not set.',
    default: 'auto',
  }),
});

type Options = Infer<typeof options>;

/** A stream that may be a terminal, such as `process.stdout`. */
export type ConsoleStream = Writable & { readonly isTTY?: boolean; hasColors?(): boolean };

/** Whether a stream takes no more because nobody reads it, as with `| head`. */
export function isReaderGone(error: Error): boolean {
  return 'code' in error && error.code === 'EPIPE';
}

/**
 * The console sink on a stream of the caller's choice. `onClosed` is called once when the stream takes no more, so that
 * an agent whose reader has gone can stop; without it, that is an error like any other.
 */
export function consoleSinkOn(stream: () => ConsoleStream, onClosed?: (error: Error) => void): SinkDefinition<Options> {
  return {
    type: 'console',
    isSingle: true,
    summary: 'Writes records to standard output, with every control character in them made visible.',
    options,
    build({ format, color }, { name, metrics, logger, userAgent }) {
      const target = stream();
      const hasColour =
        color === 'always' || (color === 'auto' && target.isTTY === true && target.hasColors?.() === true);
      return new ConsoleSink({
        stream: target,
        format: createFormat(format, hasColour, userAgent),
        delivered: metrics.counter('pillion_sink_delivered_records_total', { sink: name }),
        abandoned: metrics.counter('pillion_sink_abandoned_records_total', { sink: name }),
        onClosed: (error) => {
          if (onClosed === undefined || !isReaderGone(error)) {
            logger.error({ sink: name, error: messageOf(error) }, 'Standard output cannot be written.');
          }
          onClosed?.(error);
        },
      });
    },
  };
}

/** Writes records to standard output. */
export const consoleSink: SinkDefinition<Options> = consoleSinkOn(() => process.stdout);

function createFormat(format: Options['format'], hasColour: boolean, userAgent: string): RecordFormat {
  switch (format) {
    case 'pretty':
      return new PrettyFormat({ hasColour });
    case 'json':
      return new JsonFormat();
    case 'otlp_json':
      return new OtlpJsonFormat({ scopeName: 'pillion', scopeVersion: userAgent.replace(/^[^/]*\//, '') });
    default:
      return format satisfies never;
  }
}
