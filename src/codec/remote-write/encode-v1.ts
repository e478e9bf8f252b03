import type { ProtobufWriter } from '../../bytes/protobuf-writer.ts';
import { LabelSet } from '../../core/label-set.ts';
import { escapeName, isPlainName } from '../prometheus/names.ts';
import { typeNumber, writePoint, writeValue } from './fields.ts';
import type { LabelPair, SeriesMetadata, WriteSeries } from './write-series.ts';

/** The label that holds the name of the metric. */
const NAME = '__name__';

const POINT_FIELDS = { sample: 2, histogram: 4, hasStart: false };

/** Writes a `prometheus.WriteRequest` (remote write 1.0), with the metadata of each metric once. */
export function encodeV1(out: ProtobufWriter, series: readonly WriteSeries[]): void {
  for (const one of series) {
    out.message(1, () => {
      for (const pair of plain(one.labels)) writeLabel(out, pair);
      writePoint(out, one, POINT_FIELDS);
      for (const { labels, value, unixMs } of one.exemplars) {
        out.message(3, () => {
          for (const pair of plain([...labels])) writeLabel(out, pair);
          writeValue(out, 2, value);
          out.integer(3, Math.trunc(unixMs ?? 0));
        });
      }
    });
  }
  const metadata = new Map(series.map((one) => [one.metadata.family, one.metadata]));
  for (const one of metadata.values()) writeMetadata(out, one);
}

/** The labels under plain names, which are all that this version knows; sorted again where that changed some. */
function plain(labels: readonly LabelPair[]): Iterable<LabelPair> {
  if (labels.every(isPlain)) return labels;
  return LabelSet.of(
    labels.map(([name, value]): LabelPair => {
      const shown = name === NAME ? escapeName(value, 'metric', 'underscores') : value;
      return [escapeName(name, 'label', 'underscores'), shown];
    }),
  );
}

function isPlain([name, value]: LabelPair): boolean {
  return isPlainName(name, 'label') && (name !== NAME || isPlainName(value, 'metric'));
}

function writeLabel(out: ProtobufWriter, [name, value]: LabelPair): void {
  out.message(1, () => {
    out.text(1, name);
    out.text(2, value);
  });
}

function writeMetadata(out: ProtobufWriter, { family, type, help, unit }: SeriesMetadata): void {
  out.message(3, () => {
    out.integer(1, typeNumber(type));
    out.text(2, escapeName(family, 'metric', 'underscores'));
    out.text(4, help);
    out.text(5, unit);
  });
}
