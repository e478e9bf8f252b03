import { resolve } from 'node:path';
import type { ReaderChoice, SourceDefinition } from '../../component/definition.ts';
import { ConfigError } from '../../core/errors.ts';
import { FileSource } from './file-source.ts';
import { joinStates } from './join-states.ts';
import { kubernetesErrors } from './kubernetes-options.ts';
import { multilineErrors } from './multiline-options.ts';
import { type FileOptions, fileOptions } from './options.ts';
import { Patterns, patternError } from './patterns.ts';

/** Reads log files as they grow, through rotation, truncation and restarts. */
export const fileSource: SourceDefinition<FileOptions> = {
  type: 'file',
  summary: 'Reads log files as they grow, through rotation, truncation and restarts.',
  options: fileOptions,
  check: ({ include, exclude, encoding, multiline, kubernetes }) => [
    ...patternErrors('include', include),
    ...patternErrors('exclude', exclude),
    ...encodingErrors(encoding, multiline !== undefined),
    ...multilineErrors(multiline),
    ...kubernetesErrors(kubernetes, process.env),
  ],
  files: ({ include, exclude }) => {
    const patterns = new Patterns(include, exclude);
    return { matches: (path) => patterns.matches(path), patterns: include.map((pattern) => resolve(pattern)) };
  },
  readers: chooseReaders,
  joinStates,
  build: (options, context) => new FileSource(options, context),
};

/** A reader for each sink would remove what another one has still to read. */
function chooseReaders({ readers, space, remove_after }: FileOptions): ReaderChoice {
  const removes = remove_after !== undefined || (space !== undefined && space.policy !== 'warn');
  if (readers === 'shared' || !removes) return { readers };
  const what = remove_after === undefined ? 'the space policy removes files' : 'delivered files are removed';
  const notice = `One reader serves all sinks, since ${what}: a sink that is down stops them all.`;
  return { readers: 'shared', notice };
}

function encodingErrors(encoding: string, isGrouped: boolean): ConfigError[] {
  try {
    const { encoding: name } = new TextDecoder(encoding);
    if (name === 'utf-8' || !isGrouped) return [];
    const message = `Cannot put lines together of files in ${JSON.stringify(encoding)}: only those of "utf-8" can be`;
    return [new ConfigError({ code: 'ERR_CONFIG_VALUE', path: ['multiline'], message })];
  } catch {
    const message = `Cannot read encoding ${JSON.stringify(encoding)}: it is no label of the Encoding Standard`;
    const hint = 'Use a label such as "utf-8", "utf-16le", "shift_jis", "gbk" or "windows-1252"';
    return [new ConfigError({ code: 'ERR_CONFIG_VALUE', path: ['encoding'], message, hint })];
  }
}

function patternErrors(key: string, patterns: readonly string[]): ConfigError[] {
  return patterns.flatMap((pattern, index) => {
    const message = patternError(pattern);
    return message === undefined ? [] : [new ConfigError({ code: 'ERR_CONFIG_GLOB', path: [key, index], message })];
  });
}
