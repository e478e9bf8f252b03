import { size } from '../component/options.ts';
import { MAPPING_LIMITS } from '../mapping/mapping-options.ts';
import { SCRAPE_OPTIONS } from './scrape-options.ts';

/** Options of all sources that read metrics out of what an application says of itself. */
export const MAPPED_OPTIONS = {
  ...SCRAPE_OPTIONS,
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
