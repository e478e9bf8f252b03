import type { ConfiguredGroup } from '../config/agent-config.ts';
import { confidenceOf } from './confidence.ts';
import type { Detection, Found } from './detection.ts';
import type { DetectorOptions } from './detector-options.ts';
import { FORMS } from './forms/all-forms.ts';
import type { Form, StageList } from './forms/form.ts';
import { type Sample, SampleCollector, type SampleLimits } from './sample.ts';
import { isFitting, keysOf, type Tally } from './tally.ts';
import { Trials } from './trials.ts';

/** The records by which it is decided. */
export interface DetectedInput {
  /** The records, put together as that option `multiline` says. */
  sampleFor(multiline: unknown): Sample;
  /** How they have to be put together as far as their lines show it; a ready-made pipeline knows better. */
  readonly multiline?: unknown;
  /** What people call the stream: of two formats that fit alike, the one whose name is in it comes first. */
  readonly name: string;
}

/** The share of records that have to fit. */
const MIN_SHARE = 0.5;
/** How much of what fits the best form a ready-made pipeline has to fit, to be preferred: it knows more. */
const READY_MADE_SHARE = 0.6;
/** How sure it can be of a ready-made pipeline that finds no more in the records than anybody would. */
const MOST_WITHOUT_SIGN = 0.8;
/** Loggers of every language have a name, at much the same place of a line. */
const COMMON_ATTRIBUTE = 'log.logger';
/** What a name in the path is worth: less than any real difference. */
const HINT = 0.01;
/** With more keys than this in the table, from records of whatever kind, it is time for a new one. */
const MANY_KEYS = 5000;

/** A form with what is known of it from these records only. */
interface FormAnswer {
  readonly found: Found;
  readonly most: number;
}

/**
 * Finds out which of all known formats records have: it lets each of them read the records, and counts. Nothing is built
 * before the first question; what was built is kept for the next one, until `release()`.
 */
export class Detector {
  readonly #options: DetectorOptions;
  #made: Trials | undefined;

  constructor(options: DetectorOptions) {
    this.#options = options;
  }

  /** Collects records to ask about. */
  collector(limits: SampleLimits): SampleCollector {
    return new SampleCollector(this.#trials.keys, limits);
  }

  /** Lets go what was built. Samples from before cannot be asked about any more. */
  release(): void {
    this.#made = undefined;
  }

  /** Whether what records have invented takes so much room that it is time for a `release()`. */
  get isLarge(): boolean {
    return this.#made !== undefined && this.#made.keys.count > MANY_KEYS;
  }

  /** What the records are. */
  detect({ sampleFor, name, multiline }: DetectedInput): Detection {
    const forms = this.#tryForms(sampleFor(multiline));
    const [form, nextForm] = forms.filter(({ found }) => shareOf(found) >= MIN_SHARE);
    const common = form && this.#trials.tryStages(form.found.written, sampleFor(multiline));
    const commonKeys = common && keysOf(common.batch).add(this.#trials.keys.internText(COMMON_ATTRIBUTE));
    const path = name.toLowerCase();
    const rank = (found: Found): number => shareOf(found) + (path.includes(firstWord(found.name)) ? HINT : 0);
    const [first, next] = this.#options.readyMade
      .flatMap((group) => this.#tryReadyMade(group, sampleFor(group.multiline), commonKeys) ?? [])
      .sort((a, b) => rank(b) - rank(a));
    const share = shareOf(first);
    if (first !== undefined && share >= MIN_SHARE && share >= READY_MADE_SHARE * shareOf(form?.found)) {
      const { fitting, tally } = first;
      const isDistinct = first.name === form?.found.name || tally.distinct >= MIN_SHARE * tally.recognised;
      const most = isDistinct ? 1 : MOST_WITHOUT_SIGN;
      const confidence = confidenceOf(fitting, tally.records, { rival: shareOf(next), most });
      if (confidence !== undefined) {
        return { best: first, confidence, second: next ?? form?.found, form: form?.found };
      }
    }
    if (form === undefined) return { best: undefined, confidence: undefined, second: first, form: undefined };
    const { found, most } = form;
    const confidence = confidenceOf(found.fitting, found.tally.records, { most });
    return { best: confidence && found, confidence, second: first ?? nextForm?.found, form: found };
  }

  /** What stages make of records; undefined: they cannot be used. */
  try(stages: StageList, sample: Sample): Tally | undefined {
    return this.#trials.tryStages(stages, sample)?.tally;
  }

  /** The texts of the records that are not of the format that was found. */
  misfits({ name, isReadyMade, written, needsTime }: Found, sample: Sample): string[] {
    const group = isReadyMade ? this.#options.readyMade.find(({ label }) => label === name) : undefined;
    const trial = group === undefined ? this.#trials.tryStages(written, sample) : this.#trials.tryGroup(group, sample);
    if (trial === undefined) return [...sample.texts];
    const { batch, isRecognised } = trial;
    return sample.texts.filter((_, record) => !isFitting(batch, record, needsTime, isRecognised));
  }

  #tryReadyMade(group: ConfiguredGroup, sample: Sample, commonKeys?: ReadonlySet<number>): Found | undefined {
    const tally = this.#trials.tryGroup(group, sample, commonKeys)?.tally;
    if (tally === undefined || tally.recognised === 0) return undefined;
    const { label: name, multiline, summary = '' } = group;
    const written = [{ use: name }];
    return {
      name,
      isReadyMade: true,
      summary,
      steps: group.stages,
      written,
      multiline,
      tally,
      fitting: tally.recognised,
      needsTime: false,
    };
  }

  /** The forms that fit, best first. */
  #tryForms(sample: Sample): FormAnswer[] {
    const answers: FormAnswer[] = [];
    for (const form of FORMS) {
      const answer = this.#tryForm(form, sample);
      if (answer === undefined) continue;
      answers.push(answer);
      // The forms behind it say less of the same lines.
      if (shareOf(answer.found) === 1) break;
    }
    // The sort is stable: of forms that fit alike the first of the table stays first.
    return answers.sort((a, b) => shareOf(b.found) - shareOf(a.found));
  }

  #tryForm({ name, needs, propose }: Form, sample: Sample): FormAnswer | undefined {
    const { catalog } = this.#options;
    if (sample.texts.length === 0 || needs.some((type) => !catalog.stages.has(type))) return undefined;
    const trials = this.#trials;
    const proposal = propose({
      sample,
      run: (stages) => trials.tryStages(stages, sample)?.tally,
      read: (stages) => trials.tryStages(stages, sample)?.batch,
    });
    const tally = proposal && trials.tryStages(proposal.stages, sample)?.tally;
    const steps = proposal && trials.configure(proposal.stages);
    if (proposal === undefined || tally === undefined || steps === undefined) return undefined;
    const fitting = proposal.needsTime ? tally.timed : tally.passed;
    const { stages: written, summary, needsTime, most } = proposal;
    const about = { name, isReadyMade: false, summary, steps, written, multiline: undefined };
    return { found: { ...about, tally, fitting, needsTime }, most };
  }

  get #trials(): Trials {
    return (this.#made ??= new Trials(this.#options));
  }
}

/** The share of records that fit. */
export function shareOf(found: Found | undefined): number {
  return found === undefined || found.tally.records === 0 ? 0 : found.fitting / found.tally.records;
}

/** `nginx` of `nginx-access`. */
function firstWord(name: string): string {
  return /^[^-_]*/.exec(name)?.[0] ?? name;
}
