import { CheckpointStore } from '../checkpoint/checkpoint-store.ts';
import type { Clock } from '../core/clock.ts';
import type { CheckpointSection } from '../core/contracts.ts';
import { messageOf, OperatorError } from '../core/errors.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Checkpoint } from './checkpoint.ts';

/** Where checkpoints are kept when nobody says where. */
export const DEFAULT_STATE_FOLDER = '/var/lib/pillion';

/**
 * Opens the checkpoint in `folder`. Throws an OperatorError when it cannot be used, or another agent has it. Without a
 * `folder` the default one is taken; where that cannot be used the agent runs without, and says so.
 */
export async function openCheckpoint(
  folder: string | undefined,
  parts: { readonly clock: Clock; readonly logger: Logger; readonly metrics: Metrics },
  defaultFolder = DEFAULT_STATE_FOLDER,
): Promise<Checkpoint> {
  const { clock, logger, metrics } = parts;
  const reports = {
    log: logger,
    writes: metrics.counter('pillion_checkpoint_writes_total', {}),
    failures: metrics.counter('pillion_checkpoint_failures_total', {}),
    unusable: metrics.counter('pillion_checkpoint_unusable_total', {}),
  };
  try {
    const place = folder ?? defaultFolder;
    const store = await CheckpointStore.open({ folder: place, clock, reports });
    metrics.gauge('pillion_checkpoint_age_seconds', {}, () => store.unsavedMs / 1000);
    return {
      folder: place,
      peek: (name) => store.peek(name),
      forget: (name) => store.forget(name),
      section: (name, restored) => store.section(name, restored),
      flush: () => store.flush(),
      close: async () => {
        const isSaved = await store.flush();
        await store.close();
        return isSaved;
      },
    };
  } catch (error) {
    const isUnusable = error instanceof OperatorError && error.code === 'ERR_STATE_WRITE';
    if (folder !== undefined || !isUnusable) throw error;
    logger.warn(
      { folder: defaultFolder, error: messageOf(error) },
      'No checkpoint is kept: a restart reads every file from its beginning. Set "state" to a folder that can be written.',
    );
    return volatileCheckpoint();
  }
}

/** A checkpoint that is forgotten at the end; its sections start with `restored`. */
export function volatileCheckpoint(restored?: unknown): Checkpoint {
  const sections = new Map<string, () => unknown>();
  return {
    peek: (name) =>
      new Map(
        [...sections]
          .filter(([known]) => known === name || known.startsWith(`${name}/`))
          .map(([known, content]) => [known, content()]),
      ),
    forget: (name) => void sections.delete(name),
    section(name, start = restored): CheckpointSection {
      sections.set(name, () => start);
      const provide = (snapshot: () => unknown): void => void sections.set(name, snapshot);
      return { restored: start, isVolatile: true, provide, touch: () => {} };
    },
    flush: () => Promise.resolve(true),
    close: () => Promise.resolve(true),
  };
}
