import type { ComponentContext } from '../component/definition.ts';
import type { RecordBatch } from '../core/record-batch.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Tracer } from '../telemetry/tracer.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { OwnResource } from './own-resource.ts';
import type { Workers } from './workers/workers.ts';

/** Who hears of lines that stages could not read. */
export interface UnmatchedTaker {
  /** Takes note of the failures of a batch, while it holds them. */
  add(stage: string, label: string, batch: RecordBatch): void;
}

/** What stages and sinks are built with. */
export interface PartSetting extends Omit<ComponentContext, 'name'> {
  /** `pillion/<version>`. */
  readonly userAgent: string;
  /** Is told what the agent does itself; undefined: nobody asks. */
  readonly tracer: Tracer | undefined;
  /** Keeps what the lines look like that stages could not read, where somebody can ask for it. */
  readonly unmatched: UnmatchedTaker | undefined;
}

/** What all parts of an agent share, whatever its configuration is. */
export interface Shared extends PartSetting {
  readonly checkpoint: Checkpoint;
  readonly ledger: Ledger;
  readonly resource: OwnResource;
  /** Is told how many bytes each batch of input holds, how many lie behind it, and what comes in without batches. */
  readonly onInput: (bytes: number, bytesBehind?: number) => void;
  /** The threads that its files are spread over; undefined: there are none. */
  readonly workers?: Workers | undefined;
}
