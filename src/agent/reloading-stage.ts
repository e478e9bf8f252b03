import { stat } from 'node:fs/promises';
import { checkOptions } from '../component/check-options.ts';
import type { StageContext } from '../component/definition.ts';
import type { Stage } from '../core/contracts.ts';
import { messageOf } from '../core/errors.ts';
import type { RecordBatch } from '../core/record-batch.ts';
import { loadOwnStage } from './load-own-stage.ts';

/** How often the file of a stage is looked at. */
const LOOK_INTERVAL_MS = 2000;

/**
 * A stage of the user's own that is loaded anew when its file changes, between two batches. As long as the new one is
 * wrong, the old one goes on, which is said once for each change.
 */
export class ReloadingStage implements Stage {
  #stage: Stage;
  readonly #file: string;
  readonly #options: unknown;
  readonly #context: StageContext;
  readonly #closed = new AbortController();
  readonly #watching: Promise<void>;

  /** `options` are those that `stage` was built with. */
  constructor(
    stage: Stage,
    { file, options, context }: { readonly file: string; readonly options: unknown; readonly context: StageContext },
  ) {
    this.#stage = stage;
    this.#file = file;
    this.#options = options;
    this.#context = context;
    this.#watching = this.#watch();
  }

  process(batch: RecordBatch): void {
    this.#stage.process(batch);
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#watching;
    await this.#stage.close?.();
  }

  async #watch(): Promise<void> {
    const { clock, logger, name } = this.#context;
    const { signal } = this.#closed;
    let state = await this.#state();
    for (let version = 1; ; ) {
      await clock.sleep(LOOK_INTERVAL_MS, signal);
      if (signal.aborted) return;
      const now = await this.#state();
      // A file that is away for a moment is being replaced.
      if (now === state || now === undefined) continue;
      state = now;
      try {
        await this.#reload(version++);
        logger.info({ stage: name, file: this.#file }, 'A stage of your own was loaded anew.');
      } catch (error) {
        const fields = { stage: name, file: this.#file, error: messageOf(error) };
        logger.error(fields, 'A stage of your own cannot be loaded anew; the old one goes on.');
      }
    }
  }

  async #reload(version: number): Promise<void> {
    const definition = await loadOwnStage(this.#file, version);
    const checked = checkOptions(definition.options, this.#options, []);
    if (!checked.ok) throw checked.errors[0]!;
    const old = this.#stage;
    this.#stage = definition.build(checked.options, this.#context);
    await old.close?.();
  }

  /** What changes when the file does; undefined: it is not there. */
  async #state(): Promise<string | undefined> {
    try {
      const { mtimeNs, size, ino } = await stat(this.#file, { bigint: true });
      return `${mtimeNs}-${size}-${ino}`;
    } catch {
      return undefined;
    }
  }
}
