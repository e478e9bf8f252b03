import { optional } from 'valibot';
import { described, duration, type Infer, object } from '../component/options.ts';

const retry = object({
  initial_interval: duration({
    doc: 'The ceiling of the first wait; it doubles with every attempt, and each wait is drawn at random below it.',
    default: '1s',
    min: '10ms',
  }),
  max_interval: duration({ doc: 'The highest ceiling.', default: '30s', min: '10ms' }),
});

/** The option of a sink that says how long it waits before it sends again. */
export const retryOption = optional(
  described(retry, 'map', { doc: 'How long to wait before a request is sent again; there is no limit on attempts.' }),
  {},
);

/** What it means to a `Backoff`. */
export function retryTimes(written: Infer<typeof retry>): { readonly initialMs: number; readonly maxMs: number } {
  return { initialMs: written.initial_interval, maxMs: written.max_interval };
}
