import type { Readable } from 'node:stream';
import { optional } from 'valibot';
import type { SourceDefinition } from '../../component/definition.ts';
import { described, type Infer, object, size, text } from '../../component/options.ts';
import { ConfigError } from '../../core/errors.ts';
import { randomStreamId } from '../random-stream-id.ts';
import { QueuedStdinSource } from './queued-stdin-source.ts';
import { StdinSource } from './stdin-source.ts';

const queue = object({
  path: text({
    doc: 'The folder of the queue. It belongs to this source alone, and must survive a restart as the state folder does.',
    example: '/var/lib/pillion/stdin',
  }),
  max_size: size({
    doc: 'How much disk the queue takes at most. When it is full, reading stops, and whoever writes has to wait. At least four times `max_record_size`.',
    default: '1GiB',
    min: '1MiB',
  }),
});

const options = object({
  max_record_size: size({
    doc: 'The longest record. What is longer is cut, marked and counted.',
    default: '1MiB',
    min: '1KiB',
    max: '64MiB',
  }),
  queue: optional(
    described(queue, 'map', {
      doc: 'A queue on disk. What was read then survives the agent: it is delivered after a restart, also after SIGKILL, which costs only what is on its way from the input to the queue (up to 128 KiB while the queue is full). It is synced once a second: so much a power cut takes. Without a queue what was read and not delivered is lost with the agent.',
      example: '{ path: /var/lib/pillion/stdin }',
    }),
  ),
});

type Options = Infer<typeof options>;

/** How many of the longest records a queue has room for at least. */
const RECORDS_PER_QUEUE = 4;

/** The stdin source on a stream of the caller's choice. */
export function stdinSourceOn(input: () => Readable): SourceDefinition<Options> {
  return {
    type: 'stdin',
    isReadOnce: true,
    summary: 'Reads lines from standard input until it ends. What was read is kept over a restart only with a `queue`.',
    options,
    check,
    writes: ({ queue }) => (queue === undefined ? [] : [`${queue.path}/`]),
    build({ max_record_size, queue }, context) {
      const { resource, clock, ledger } = context;
      if (queue !== undefined) {
        const place = { folder: queue.path, maxBytes: queue.max_size };
        return new QueuedStdinSource({ input: input(), maxRecordBytes: max_record_size, queue: place }, context);
      }
      return new StdinSource({
        input: input(),
        stream: { id: randomStreamId(), name: 'stdin', resource },
        maxRecordBytes: max_record_size,
        clock,
        account: ledger.account('stdin'),
      });
    },
  };
}

/** A line stays in the queue until its end has come: it must not fill the queue before. */
function check({ max_record_size, queue }: Options): ConfigError[] {
  if (queue === undefined || queue.max_size >= RECORDS_PER_QUEUE * max_record_size) return [];
  return [
    new ConfigError({
      code: 'ERR_CONFIG_VALUE',
      path: ['queue', 'max_size'],
      message: `Cannot use a queue that is smaller than ${RECORDS_PER_QUEUE} of the longest records`,
      hint: `Set "max_size" to ${RECORDS_PER_QUEUE * max_record_size}B or more, or "max_record_size" to less`,
    }),
  ];
}

/** Reads lines from standard input. */
export const stdinSource: SourceDefinition<Options> = stdinSourceOn(() => process.stdin);
