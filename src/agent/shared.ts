import type { ComponentContext } from '../component/definition.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Tracer } from '../telemetry/tracer.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { OwnResource } from './own-resource.ts';
import type { UnmatchedLines } from './unmatched-lines.ts';

/** What all parts of an agent share, whatever its configuration is. */
export interface Shared extends Omit<ComponentContext, 'name'> {
  /** `pillion/<version>`. */
  readonly userAgent: string;
  /** Is told what the agent does itself; undefined: nobody asks. */
  readonly tracer: Tracer | undefined;
  readonly checkpoint: Checkpoint;
  readonly ledger: Ledger;
  readonly resource: OwnResource;
  /** What the lines look like that stages could not read; kept where somebody can ask for it. */
  readonly unmatched: UnmatchedLines | undefined;
  /** Is told how many bytes each batch of input holds, and what comes in without batches. */
  readonly onInput: (bytes: number) => void;
}
