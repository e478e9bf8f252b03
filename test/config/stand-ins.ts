import { basename } from 'node:path';
import { array, optional, string, union } from 'valibot';
import { createCatalog } from '../../src/component/catalog.ts';
import type { SinkDefinition, SourceDefinition, StageDefinition } from '../../src/component/definition.ts';
import {
  choice,
  defaultText,
  defaultTexts,
  described,
  duration,
  flag,
  type Infer,
  integer,
  type OptionsSchema,
  object,
  optionalText,
  size,
  text,
  textMap,
  texts,
} from '../../src/component/options.ts';
import { ConfigError, OperatorError } from '../../src/core/errors.ts';

const build = (): never => {
  throw new Error('Cannot build a stand-in');
};

const file: SourceDefinition<{ include: string[] }> = {
  type: 'file',
  summary: 'Follows files.',
  options: object({
    include: texts({ doc: 'Globs of the files to follow.', example: '[/var/log/app/*.log]' }),
    exclude: defaultTexts({ doc: 'Globs of files to leave out.', default: [] }),
    start_at: choice(['beginning', 'end'], { doc: 'Where to begin in a file.', default: 'beginning' }),
    max_record_size: size({ doc: 'The longest record.', default: '1MiB', min: '1KiB', max: '16MiB' }),
  }),
  check({ include }) {
    return include.flatMap((glob, i) =>
      glob.includes('***')
        ? [new ConfigError({ code: 'ERR_CONFIG_GLOB', path: ['include', i], message: `Cannot use glob "${glob}"` })]
        : [],
    );
  },
  build,
};

const stdin: SourceDefinition<unknown> = { type: 'stdin', summary: 'Reads a pipe.', options: object({}), build };

/** A stage that is never built. */
export function stage<Options>(type: string, options: OptionsSchema<Options>): StageDefinition<Options> {
  return { type, summary: `Does ${type}.`, options, example: { config: '', input: '', output: '' }, build };
}

const otlpOptions = object({
  endpoint: optionalText({ doc: 'Base URL.', example: 'http://localhost:4318' }),
  logs_endpoint: optionalText({ doc: 'URL for logs, as it is.' }),
  protocol: choice(['http/protobuf', 'http/json'], { doc: 'The encoding.', default: 'http/protobuf' }),
  compression: choice(['gzip', 'zstd', 'none'], { doc: 'How bodies are compressed.', default: 'gzip' }),
  headers: textMap({ doc: 'Headers of every request.' }),
  timeout: duration({ doc: 'How long one request may take.', default: '10s', min: '100ms' }),
  max_in_flight: integer({ doc: 'Requests at once.', default: 4, min: 1, max: 64 }),
  tls: optional(
    object({
      ca_file: optionalText({ doc: 'Authorities.' }),
      cert_file: optionalText({ doc: 'Certificate.' }),
      key_file: optionalText({ doc: 'Key.' }),
    }),
    {},
  ),
});

const otlp: SinkDefinition<Infer<typeof otlpOptions>> = {
  type: 'otlp',
  summary: 'Sends OTLP.',
  options: otlpOptions,
  check({ endpoint, logs_endpoint, tls: { cert_file, key_file } }) {
    const errors = Object.entries({ endpoint, logs_endpoint }).flatMap(([key, url]) => {
      if (url === undefined || URL.canParse(url)) return [];
      const [message, hint] = [`Cannot use "${url}" as a URL`, 'Write it as in "http://localhost:4318"'];
      return [new ConfigError({ code: 'ERR_CONFIG_VALUE', path: [key], message, hint })];
    });
    if (key_file === undefined || cert_file !== undefined) return errors;
    const message = 'Cannot use "key_file" without "cert_file"';
    return [...errors, new ConfigError({ code: 'ERR_CONFIG_MISSING', path: ['tls', 'cert_file'], message })];
  },
  build,
};

const consoleSink: SinkDefinition<unknown> = {
  type: 'console',
  summary: 'Prints records.',
  options: object({
    format: choice(['pretty', 'json'], { doc: 'The form.', default: 'pretty' }),
    colour: flag({ doc: 'Colours.', default: true }),
  }),
  build,
};

/** Components of every shape that the real ones have, none of which can be built. */
export const catalog = createCatalog({
  sources: [file, stdin],
  stages: [
    stage('json', object({ prefix: optionalText({ doc: 'Put before each key.' }) })),
    stage(
      'timestamp',
      object({
        field: text({ doc: 'The attribute that holds the time.', example: 'time' }),
        format: defaultText({ doc: 'How it is written.', default: 'iso8601' }),
        keep: flag({ doc: 'Keep the attribute.', default: false }),
      }),
    ),
    stage(
      'remove',
      described(
        union([array(string('expected text'), 'expected a list'), string()], 'expected a list of attributes'),
        'list',
        {
          doc: 'The attributes to remove.',
          example: '[password]',
        },
      ),
    ),
  ],
  sinks: [otlp, consoleSink],
});

export const env = { BACKEND: 'http://localhost:4318', PORT: '5', EMPTY: '' };

/** Knows `/etc/pillion/mask.ts`, and a file that does not load. */
export async function loadStage(path: string): Promise<StageDefinition<unknown>> {
  if (path.endsWith('/mask.ts'))
    return stage('mask', object({ keep: integer({ doc: 'Letters to keep.', default: 4 }) }));
  if (path.endsWith('/broken.ts')) throw new SyntaxError('Unexpected token');
  const hint = 'Check the path: it is relative to the configuration file';
  throw new OperatorError({ code: 'ERR_CONFIG_STAGE', message: `Cannot find the stage "${basename(path)}"`, hint });
}
