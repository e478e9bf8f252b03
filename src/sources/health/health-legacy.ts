import type { Legacy } from '../../core/contracts.ts';
import type { LabelSet } from '../../core/label-set.ts';
import type { SourceLedger } from '../../ledger/source-ledger.ts';
import type { EventRecords } from '../event-records.ts';
import type { Health } from './health-state.ts';

/** What is known of an application. */
export interface HealthMemory {
  readonly health: Health;
  /** Since when, of the clock. */
  readonly sinceMs: number;
  /** By reason: the labels and how many checks have failed for it, since that time. */
  readonly failures: Map<string, { readonly labels: LabelSet; count: number }>;
  readonly startUnixMs: number;
}

/**
 * What a source knows of an application, for the one that takes its place: a reload says nothing of an application. With
 * the changes that wait for a sink, which are given once.
 */
export class HealthLegacy implements Legacy {
  readonly #target: string;
  readonly #memory: HealthMemory;
  #events: EventRecords | undefined;

  /** `target`: what was looked at. */
  constructor(target: string, memory: HealthMemory, events: EventRecords | undefined) {
    this.#target = target;
    this.#memory = memory;
    this.#events = events;
  }

  /** What is known of that target; undefined: another one was looked at. */
  take(target: string): HealthMemory | undefined {
    return target === this.#target ? this.#memory : undefined;
  }

  /** The changes, where they are in these books. */
  takeEvents(ledger: SourceLedger): EventRecords | undefined {
    const events = this.#events;
    if (events?.ledger !== ledger) return undefined;
    this.#events = undefined;
    return events;
  }

  join(): void {}

  copy(): HealthLegacy {
    return new HealthLegacy(this.#target, this.#memory, undefined);
  }

  close(): void {}
}
