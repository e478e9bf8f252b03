import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ExpositionFormat } from '../../../../src/codec/prometheus/exposition-format.ts';
import { parseProtobuf } from '../../../../src/codec/prometheus/parse/parse-protobuf.ts';
import { parseOpenMetrics, parseText } from '../../../../src/codec/prometheus/parse/parse-text.ts';
import { SeriesCache } from '../../../../src/codec/prometheus/parse/series-cache.ts';
import type { PrometheusFamily } from '../../../../src/codec/prometheus/prometheus-family.ts';
import { ExpositionWriter } from '../../../../src/codec/prometheus/write/exposition-writer.ts';
import type { MetricFamily, MetricPoint, MetricType } from '../../../../src/core/metric.ts';
import { arbitraryFamilies } from '../arbitrary-families.ts';
import { describe } from '../parse/parsed.ts';

const ALL: readonly MetricType[] = ['counter', 'gauge', 'unknown', 'info', 'histogram', 'gauge_histogram', 'summary'];
const OPTIONS = { timestamps: true, createdLines: true };
const PARSERS = { text: parseText, openmetrics: parseOpenMetrics, protobuf: parseProtobuf };

function formatOf(kind: ExpositionFormat['kind']): ExpositionFormat {
  return { kind, version: '1.0.0', escaping: 'allow-utf-8' };
}

function readBack(families: readonly PrometheusFamily[], kind: ExpositionFormat['kind']): readonly MetricFamily[] {
  const bytes = new ExpositionWriter(OPTIONS).write(families, formatOf(kind));
  return PARSERS[kind](bytes, { cache: new SeriesCache(), honorTimestamps: true }).families;
}

test('what is written in OpenMetrics is read back as it was', () => {
  fc.assert(
    fc.property(arbitraryFamilies({ isSound: true, types: ALL }), (families) => {
      assert.deepEqual(
        describe(readBack(families, 'openmetrics')),
        expected(families, (point) => point),
      );
    }),
  );
});

test('what is written in protobuf is read back as it was, but for types that it does not know', () => {
  fc.assert(
    fc.property(arbitraryFamilies({ isSound: true, types: ALL }), (families) => {
      const shown = families.map((family) => (family.type === 'info' ? { ...family, type: 'gauge' as const } : family));
      assert.deepEqual(
        describe(readBack(shown, 'protobuf')),
        expected(shown, (point) => point),
      );
    }),
  );
});

test('what is written as text is read back as it was, but for what the format has no place for', () => {
  const types: readonly MetricType[] = ['counter', 'gauge', 'unknown', 'histogram', 'summary'];
  fc.assert(
    fc.property(arbitraryFamilies({ isSound: true, types }), (families) => {
      const plain = (point: MetricPoint): MetricPoint =>
        point.kind === 'number'
          ? { ...point, exemplar: undefined, startUnixMs: undefined }
          : { ...point, startUnixMs: undefined };
      // Blanks before the text of HELP separate it from the name.
      const shown = families.map((family) => ({ ...family, help: family.help.replace(/^[ \t]+/, '') }));
      assert.deepEqual(describe(readBack(families, 'text')), expected(shown, plain));
    }),
  );
});

test('whatever the values are, every format can be read, and each series is there at most once', () => {
  fc.assert(
    fc.property(arbitraryFamilies({ isSound: false, types: ALL }), (families) => {
      for (const kind of ['text', 'openmetrics', 'protobuf'] as const) {
        const bytes = new ExpositionWriter(OPTIONS).write(families, formatOf(kind));
        const { duplicates } = PARSERS[kind](bytes, { cache: new SeriesCache(), honorTimestamps: true });
        assert.equal(duplicates, 0);
      }
    }),
  );
});

test('escaped names can be read by who knows no others', () => {
  fc.assert(
    fc.property(
      arbitraryFamilies({ isSound: false, types: ALL }),
      fc.constantFrom('underscores' as const, 'dots' as const, 'values' as const),
      (families, escaping) => {
        const text = new ExpositionWriter(OPTIONS).write(families, { kind: 'text', version: '0.0.4', escaping });
        for (const line of text.toString().split('\n')) {
          if (!line.startsWith('#') && line !== '')
            assert.match(line, /^[a-zA-Z_:][a-zA-Z0-9_:]*(\{[a-zA-Z_][a-zA-Z0-9_]*=.*\})? /s);
        }
        const read = parseText(text, { cache: new SeriesCache(), honorTimestamps: true });
        assert.equal(read.duplicates, 0);
      },
    ),
  );
});

const skip = hasPromtool() ? false : 'promtool (Debian package prometheus) is not installed';

test('promtool reads what is written', { skip }, () => {
  const families = fc.sample(arbitraryFamilies({ isSound: false, types: ALL, isPlain: true }), {
    numRuns: 30,
    seed: 7,
  });
  for (const some of families) {
    const text = new ExpositionWriter({ timestamps: false, createdLines: false }).write(some, {
      kind: 'text',
      version: '0.0.4',
      escaping: 'underscores',
    });
    const { status, stderr } = spawnSync('promtool', ['check', 'metrics', '--extended'], { input: text });
    // 3: it read everything, and would like other names.
    assert.ok(status === 0 || status === 3, `${stderr}\n${text}`);
  }
});

function hasPromtool(): boolean {
  try {
    execFileSync('promtool', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** The lines of families that have series, their points changed. */
function expected(families: readonly PrometheusFamily[], change: (point: MetricPoint) => MetricPoint): string[] {
  return describe(
    families
      .filter(({ series }) => series.length > 0)
      .map(({ name, type, help, series }) => ({
        name,
        type,
        unit: '',
        description: help,
        points: series.map(({ point }) => change(point)),
      })),
  );
}
