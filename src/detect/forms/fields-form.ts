import type { RecordBatch } from '../../core/record-batch.ts';
import { ValueType } from '../../core/value-type.ts';
import { type Form, type FormTools, type Proposal, type StageList, shareOf } from './form.ts';

/** Names under which loggers write the time, the level and the message; the first that records have counts. */
const TIME_KEYS = ['time', 'timestamp', '@timestamp', 'ts', 't', '@t', 'datetime', 'asctime', 'date', '_timestamp'];
const LEVEL_KEYS = ['level', 'severity', 'lvl', 'log.level', 'levelname', 'log_level', 'loglevel', '@l', 'LogLevel'];
const MESSAGE_KEYS = ['msg', 'message', '@m', 'event', 'short_message', 'log', '@mt', 'Message'];

/** Other names of times. */
const LIKE_TIME = /time|date|stamp/i;

/** The share of records that have a field. */
const MIN_SHARE = 0.5;
/** A form whose lines any text could be by chance has to show this share of them. */
const MIN_GATE_SHARE = 0.5;

/** A form of lines that are fields with names: what becomes time, severity and body depends on the names. */
export function fieldsForm(form: {
  readonly name: string;
  readonly summary: string;
  readonly parser: StageList[number];
  /** What a line looks like. */
  readonly gate: RegExp;
  /** Whether a time, a level or a message must be among the fields for it to be a log at all. */
  readonly needsKnown: boolean;
}): Form {
  const { name, summary, parser, gate, needsKnown } = form;
  const parserType = typeof parser === 'string' ? parser : Object.keys(parser)[0]!;
  return {
    name,
    needs: [parserType, 'timestamp', 'severity', 'body'],
    propose(tools): Proposal | undefined {
      if (shareOf(tools.sample.texts, gate) < MIN_GATE_SHARE) return undefined;
      const fields = fieldsAfter([parser], tools);
      const time = timeStage([parser], fields, tools);
      const level = levelStage([parser], fields, tools);
      const message = MESSAGE_KEYS.find((key) => (fields.texts.get(key) ?? 0) >= MIN_SHARE * fields.records);
      if (needsKnown && time === undefined && level === undefined && message === undefined) return undefined;
      const stages: StageList[number][] = [parser];
      if (time !== undefined) stages.push(time);
      if (level !== undefined) stages.push(level);
      if (message !== undefined) stages.push({ body: { field: message } });
      const missing = [time === undefined && 'time', level === undefined && 'level'].filter((word) => word !== false);
      const without = missing.length === 0 ? '' : `, without a ${missing.join(' and a ')} that is known`;
      return { stages, summary: `${summary}${without}`, needsTime: false, most: 1 };
    },
  };
}

/** How many records have a field: of any kind, and as text. */
interface Fields {
  readonly records: number;
  readonly all: ReadonlyMap<string, number>;
  readonly texts: ReadonlyMap<string, number>;
}

function fieldsAfter(stages: StageList, { read }: FormTools): Fields {
  const batch = read(stages);
  const all = new Map<string, number>();
  const texts = new Map<string, number>();
  if (batch === undefined) return { records: 0, all, texts };
  for (let record = 0; record < batch.count; record++) countFields(batch, record, all, texts);
  return { records: batch.count, all, texts };
}

function countFields(batch: RecordBatch, record: number, all: Map<string, number>, texts: Map<string, number>): void {
  for (let row = batch.firstAttribute[record]!; row !== 0; row = batch.attributeNext[row]!) {
    const key = batch.keyText(batch.attributeKey[row]!);
    const type = batch.attributeType[row]!;
    if (type > ValueType.Double || type === ValueType.Empty) continue;
    all.set(key, (all.get(key) ?? 0) + 1);
    if (type === ValueType.String) texts.set(key, (texts.get(key) ?? 0) + 1);
  }
}

/** The stage for the first of the fields whose values are times. */
function timeStage(parser: StageList, { records, all }: Fields, { run }: FormTools): StageList[number] | undefined {
  const others = [...all.keys()].filter((key) => LIKE_TIME.test(key) && !TIME_KEYS.includes(key));
  return [...TIME_KEYS, ...others.slice(0, 4)]
    .filter((key) => (all.get(key) ?? 0) >= MIN_SHARE * records)
    .map((field) => ({ timestamp: { field } }))
    .find((stage) => (run([...parser, stage])?.timed ?? 0) >= MIN_SHARE * records);
}

/** The stage for the first of the fields whose values are levels. */
function levelStage(parser: StageList, { records, all }: Fields, { run }: FormTools): StageList[number] | undefined {
  return LEVEL_KEYS.filter((key) => (all.get(key) ?? 0) >= MIN_SHARE * records)
    .flatMap((field) => [{ severity: { field } }, { severity: { field, numbers: 'syslog' } }])
    .find((stage) => (run([...parser, stage])?.severe ?? 0) >= MIN_SHARE * records);
}
