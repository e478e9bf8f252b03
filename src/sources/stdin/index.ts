import type { Readable } from 'node:stream';
import type { SourceDefinition } from '../../component/definition.ts';
import { type Infer, object, size } from '../../component/options.ts';
import { StdinCounters } from './stdin-counters.ts';
import { StdinSource } from './stdin-source.ts';

const options = object({
  max_record_size: size({
    doc: 'The longest record. What is longer is cut, marked and counted.',
    default: '1MiB',
    min: '1KiB',
    max: '64MiB',
  }),
});

type Options = Infer<typeof options>;

/** The stdin source on a stream of the caller's choice. */
export function stdinSourceOn(input: () => Readable): SourceDefinition<Options> {
  return {
    type: 'stdin',
    summary: 'Reads lines from standard input until it ends. What was read is not kept over a restart.',
    options,
    build({ max_record_size }, { name, resource, clock, metrics }) {
      return new StdinSource({
        input: input(),
        stream: { id: 'stdin', name: 'stdin', resource },
        maxRecordBytes: max_record_size,
        clock,
        counters: new StdinCounters(metrics, name),
      });
    },
  };
}

/** Reads lines from standard input. */
export const stdinSource: SourceDefinition<Options> = stdinSourceOn(() => process.stdin);
