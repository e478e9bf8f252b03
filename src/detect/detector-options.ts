import type { Catalog } from '../component/catalog.ts';
import type { StageContext } from '../component/definition.ts';
import type { ConfiguredGroup, ConfiguredStep } from '../config/agent-config.ts';
import type { Stage } from '../core/contracts.ts';

/** What formats are found with. */
export interface DetectorOptions {
  /** The ready-made pipelines; those that do not say how they are recognised are left out. */
  readonly readyMade: readonly ConfiguredGroup[];
  readonly catalog: Catalog;
  /** Builds stages as the agent runs them. */
  readonly build: (steps: readonly ConfiguredStep[], context: StageContext) => Stage[];
  readonly context: Pick<StageContext, 'clock' | 'logger'>;
}
