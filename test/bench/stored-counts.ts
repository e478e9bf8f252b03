import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeCheckpoint } from '../../src/checkpoint/checkpoint-format.ts';

/** A series as the last checkpoint holds it; labels of null: the one that counts the rest. */
export interface StoredSeries {
  readonly metric: string;
  readonly labels: readonly string[] | null;
  readonly state: readonly number[];
}

/** What the last checkpoint in a state folder has counted. */
export function storedCounts(folder: string): StoredSeries[] {
  const decoded = decodeCheckpoint(readFileSync(join(folder, 'checkpoint')));
  if (decoded.kind !== 'valid') throw new Error(`Cannot read the checkpoint: ${decoded.reason}`);
  const { registries } = decoded.sections.get('metrics') as {
    readonly registries: readonly {
      readonly state: { readonly metrics: readonly { readonly key: string; readonly series: readonly unknown[][] }[] };
    }[];
  };
  return registries.flatMap(({ state }) =>
    state.metrics.flatMap(({ key, series }) => {
      const [metric] = JSON.parse(key) as [string];
      return series.map(([_resource, _start, _last, labels, ...numbers]) => ({
        metric,
        labels: labels as readonly string[] | null,
        state: numbers as number[],
      }));
    }),
  );
}
