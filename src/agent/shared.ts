import type { ComponentContext } from '../component/definition.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { BusyGauge } from './busy-gauge.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { OwnResource } from './own-resource.ts';
import type { UnmatchedLines } from './unmatched-lines.ts';

/** What all parts of an agent share, whatever its configuration is. */
export interface Shared extends Omit<ComponentContext, 'name'> {
  /** `pillion/<version>`. */
  readonly userAgent: string;
  readonly checkpoint: Checkpoint;
  readonly ledger: Ledger;
  readonly resource: OwnResource;
  /** What the lines look like that stages could not read; kept where somebody can ask for it. */
  readonly unmatched: UnmatchedLines | undefined;
  /** Is told of all input. */
  readonly busy: BusyGauge;
}
