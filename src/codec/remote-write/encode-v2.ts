import type { ProtobufWriter } from '../../bytes/protobuf-writer.ts';
import { typeNumber, writePoint, writeValue } from './fields.ts';
import type { LabelPair, WriteSeries } from './write-series.ts';

const POINT_FIELDS = { sample: 2, histogram: 3, hasStart: true };

/** Writes an `io.prometheus.write.v2.Request` (remote write 2.0): each text once, in a table that comes first. */
export function encodeV2(out: ProtobufWriter, series: readonly WriteSeries[]): void {
  const symbols = symbolsOf(series);
  const refOf = (text: string): number => symbols.get(text)!;
  const refsOf = (labels: Iterable<LabelPair>): number[] => [...labels].flat().map(refOf);
  for (const text of symbols.keys()) out.text(4, text);
  for (const one of series) {
    out.message(5, () => {
      out.packedIntegers(1, refsOf(one.labels));
      writePoint(out, one, POINT_FIELDS);
      for (const { labels, value, unixMs } of one.exemplars) {
        out.message(4, () => {
          out.packedIntegers(1, refsOf(labels));
          writeValue(out, 2, value);
          out.integer(3, Math.trunc(unixMs ?? 0));
        });
      }
      const { type, help, unit } = one.metadata;
      out.message(5, () => {
        out.integer(1, typeNumber(type));
        out.integer(3, refOf(help));
        out.integer(4, refOf(unit));
      });
    });
  }
}

/** The places of all texts; the empty one comes first, as the specification wants. */
function symbolsOf(series: readonly WriteSeries[]): Map<string, number> {
  const symbols = new Map([['', 0]]);
  const add = (text: string): void => {
    if (!symbols.has(text)) symbols.set(text, symbols.size);
  };
  for (const { labels, exemplars, metadata } of series) {
    for (const [name, value] of labels) {
      add(name);
      add(value);
    }
    for (const exemplar of exemplars) {
      for (const [name, value] of exemplar.labels) {
        add(name);
        add(value);
      }
    }
    add(metadata.help);
    add(metadata.unit);
  }
  return symbols;
}
