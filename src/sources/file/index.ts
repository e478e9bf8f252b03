import { resolve } from 'node:path';
import type { SourceDefinition } from '../../component/definition.ts';
import { ConfigError } from '../../core/errors.ts';
import { FileSource } from './file-source.ts';
import { type FileOptions, fileOptions } from './options.ts';
import { Patterns, patternError } from './patterns.ts';

/** Reads log files as they grow, through rotation, truncation and restarts. */
export const fileSource: SourceDefinition<FileOptions> = {
  type: 'file',
  summary: 'Reads log files as they grow, through rotation, truncation and restarts.',
  options: fileOptions,
  check: ({ include, exclude }) => [...patternErrors('include', include), ...patternErrors('exclude', exclude)],
  files: ({ include, exclude }) => {
    const patterns = new Patterns(include, exclude);
    return { matches: (path) => patterns.matches(path), patterns: include.map((pattern) => resolve(pattern)) };
  },
  build: (options, context) => new FileSource(options, context),
};

function patternErrors(key: string, patterns: readonly string[]): ConfigError[] {
  return patterns.flatMap((pattern, index) => {
    const message = patternError(pattern);
    return message === undefined ? [] : [new ConfigError({ code: 'ERR_CONFIG_GLOB', path: [key, index], message })];
  });
}
