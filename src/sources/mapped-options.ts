import { duration, optionalText, size, textMap } from '../component/options.ts';
import { MAPPING_LIMITS } from '../mapping/mapping-options.ts';

/** Options of all sources that read metrics out of what an application says of itself. */
export const MAPPED_OPTIONS = {
  interval: duration({ doc: 'How often they are asked.', default: '15s', min: '1s' }),
  timeout: duration({
    doc: 'How long an answer may take, to its last byte; at most `interval`.',
    default: '10s',
    min: '100ms',
  }),
  job: optionalText({
    doc: 'What the applications are called: their label `job`, and `service.name` to OpenTelemetry. Left out: `service.name` of the agent, or the name of the source.',
    example: 'shop',
  }),
  labels: textMap({ doc: 'Labels that all series get.', example: '{ team: checkout }' }),
  max_body_size: size({
    doc: 'How large an answer may be, also after decompression. A larger one is a failed scrape.',
    default: '1MiB',
    min: '1KiB',
    max: '64MiB',
  }),
  ...MAPPING_LIMITS,
};

/** What these options give. */
export interface MappedOptions {
  readonly interval: number;
  readonly timeout: number;
  readonly job?: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly max_body_size: number;
  readonly max_series: number;
  readonly max_label_length: number;
}
