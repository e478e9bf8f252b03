import type { PrometheusFamily } from '../prometheus-family.ts';

/** The most that is mostly around a label and its value: quotes, or tags and lengths. */
const LABEL_BYTES = 6;
/** The most that a series mostly has beside name and labels: its value and when that began. */
const NUMBER_BYTES = 36;

/**
 * About what series in columns take in any format, rather more. An exposition is given so much memory at once: while it
 * is not written to it costs nothing, and memory that grows is copied.
 */
export function guessedBytes(families: readonly PrometheusFamily[]): number {
  let bytes = 0;
  for (const { name, columns } of families) {
    if (columns === undefined) continue;
    const { places, labels } = columns.columns;
    const shape = columns.translator.shapeOf(labels.names);
    const words = [...(shape?.names ?? []), ...(shape?.fixed ?? [])];
    const seriesBytes = words.reduce((sum, word) => sum + word.length + LABEL_BYTES, name.length + NUMBER_BYTES);
    bytes += labels.byteLength + places.length * seriesBytes;
  }
  return bytes;
}
