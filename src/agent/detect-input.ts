import { checkOptions } from '../component/check-options.ts';
import type { StageContext } from '../component/definition.ts';
import { RecordBatch } from '../core/record-batch.ts';
import { Resource } from '../core/resource.ts';
import { patternOf } from '../detect/cluster-pattern.ts';
import type { Detection } from '../detect/detection.ts';
import type { Detector } from '../detect/detector.ts';
import { type GroupingNeed, groupingNeedOf } from '../detect/grouping-need.ts';
import { type LineCluster, LineClusters, templateOf } from '../detect/line-clusters.ts';
import type { Sample } from '../detect/sample.ts';
import { type Format, Framings, type Grouping } from '../framing/framings.ts';
import { JUDGES } from '../framing/multiline/languages.ts';
import { createGrouping, multilineOption } from '../sources/file/multiline-options.ts';
import { frameInput } from './trace-input.ts';

/** What is looked at of an input. */
const LIMITS = { maxRecords: 1000, maxBytes: 512 * 1024 };
/** Kinds of lines that are told. */
const MAX_CLUSTERS = 20;
/** The share of its lines that a suggested pattern has to fit. */
const MIN_PATTERN_SHARE = 0.5;

/** Lines of one kind that the format does not fit. */
export interface UnmatchedLines {
  readonly count: number;
  /** `WARN <*> pool <*> exhausted` */
  readonly template: string;
  readonly example: string;
  /** What the stage `pattern` would take to read them; undefined: nothing sensible. */
  readonly pattern: string | undefined;
}

/** What an input is. */
export interface DetectedInput {
  readonly detection: Detection;
  /** Who wrote the lines into the file: the application itself, or the runtime of a container. */
  readonly container: Format;
  /** How lines have to be put together, as the option `multiline` has it; undefined: each line is a record. */
  readonly multiline: unknown;
  /** How many records were looked at, put together so. */
  readonly records: number;
  /** How many of them the format does not fit. */
  readonly unmatchedRecords: number;
  readonly unmatched: readonly UnmatchedLines[];
}

/** Finds out what an input is, of which `input` is the start. */
export function detectInput(input: Uint8Array, name: string, detector: Detector, context: StageContext): DetectedInput {
  const head = new Head(input, name, context);
  const samples = new Map<string, Sample>();
  const sampleFor = (multiline: unknown): Sample => {
    const id = JSON.stringify(multiline) ?? '';
    let sample = samples.get(id);
    if (sample === undefined) {
      const collector = detector.collector(LIMITS);
      collector.add(head.framed(multiline));
      samples.set(id, (sample = collector.sample()));
    }
    return sample;
  };
  const need = head.groupingNeed();
  const detection = detector.detect({ name, sampleFor, multiline: need });
  const { best } = detection;
  const multiline = best === undefined ? undefined : (best.multiline ?? need);
  const sample = sampleFor(multiline);
  const unmatched = best === undefined ? sample.texts : detector.misfits(best, sample);
  const clusters = new LineClusters();
  for (const text of unmatched) clusters.add(text);
  return {
    detection,
    container: head.container,
    multiline,
    records: sample.texts.length,
    unmatchedRecords: unmatched.length,
    unmatched: clusters
      .list()
      .slice(0, MAX_CLUSTERS)
      .map((cluster) => described(cluster, unmatched, detector)),
  };
}

/** The lines of an input, as the application wrote them. */
export function linesOf(input: Uint8Array, name: string, context: StageContext): string[] {
  return new Head(input, name, context).lines();
}

/** The start of an input. */
class Head {
  readonly #input: Uint8Array;
  readonly #name: string;
  readonly #context: StageContext;

  constructor(input: Uint8Array, name: string, context: StageContext) {
    this.#input = input;
    this.#name = name;
    this.#context = context;
  }

  /** The records, put together as the option `multiline` says. */
  framed(multiline: unknown): RecordBatch {
    return this.#frame(groupingOf(multiline));
  }

  get container(): Format {
    const { keys, clock } = this.#context;
    const batch = new RecordBatch(keys);
    batch.reset({ id: this.#name, name: this.#name, resource: new Resource() }, clock.unixMs());
    const start = batch.appendBytes(this.#input, 0, this.#input.length);
    const framings = new Framings({ maxRecordBytes: 1 << 20, grouping: undefined, keys });
    const format = framings.detect(batch, start, batch.byteLength, false, true);
    return format === undefined || format === 'blank' ? 'plain' : format;
  }

  lines(): string[] {
    return textsOf(this.#frame(undefined));
  }

  groupingNeed(): GroupingNeed | undefined {
    return groupingNeedOf(this.lines(), (language) => {
      return this.#frame({ judge: JUDGES[language], maxLines: 2000, waitMs: 0 }).count;
    });
  }

  #frame(grouping: Grouping | undefined): RecordBatch {
    const context = this.#context;
    return frameInput(this.#input, { grouping, resource: new Resource(), stream: this.#name, context });
  }
}

/** The grouping that the option asks for; none for what is no such option. */
function groupingOf(multiline: unknown): Grouping | undefined {
  const checked = checkOptions(multilineOption, multiline, []);
  return checked.ok && checked.options !== undefined ? createGrouping(checked.options) : undefined;
}

function textsOf({ count, bodyStart, bodyEnd, bytes }: RecordBatch): string[] {
  return Array.from({ length: count }, (_, record) => bytes.toString('utf8', bodyStart[record], bodyEnd[record]));
}

function described(cluster: LineCluster, unmatched: readonly string[], detector: Detector): UnmatchedLines {
  const { count, example } = cluster;
  return { count, template: templateOf(cluster), example, pattern: fittingPattern(cluster, unmatched, detector) };
}

/** A pattern that reads most lines of the cluster. */
function fittingPattern(cluster: LineCluster, unmatched: readonly string[], detector: Detector): string | undefined {
  const pattern = patternOf(cluster);
  if (pattern === undefined) return undefined;
  const collector = detector.collector(LIMITS);
  collector.addTexts(unmatched);
  const passed = detector.try([{ pattern }], collector.sample())?.passed ?? 0;
  return passed >= MIN_PATTERN_SHARE * cluster.count ? pattern : undefined;
}
