/** Stages as a configuration names them. */
export type StageList = readonly (string | Readonly<Record<string, unknown>>)[];

/** Names under which loggers write the time, the level and the message; the first that a line has counts. */
const TIME_KEYS = ['time', 'timestamp', '@timestamp', 'ts', 't', '@t', 'datetime', 'asctime'];
const LEVEL_KEYS = ['level', 'severity', 'lvl', 'log.level', 'levelname', 'loglevel', '@l'];
const MESSAGE_KEYS = ['msg', 'message', '@m', 'event'];

/**
 * The stages that read a log like this, judged by its first line: those for JSON objects, with the fields that it has.
 * None for lines of text.
 */
export function sniffStages(line: string): StageList {
  const fields = parseObject(line);
  if (fields === undefined) return [];
  const stages: (string | Record<string, unknown>)[] = ['json'];
  const find = (keys: readonly string[], isRight: (value: unknown) => boolean): string | undefined =>
    keys.find((key) => Object.hasOwn(fields, key) && isRight(fields[key]));
  const time = find(
    TIME_KEYS,
    (value) => typeof value === 'number' || (typeof value === 'string' && /^\d{4}/.test(value)),
  );
  const level = find(LEVEL_KEYS, (value) => typeof value === 'number' || typeof value === 'string');
  const message = find(MESSAGE_KEYS, (value) => typeof value === 'string');
  if (time !== undefined) stages.push({ timestamp: { field: time } });
  if (level !== undefined) stages.push({ severity: { field: level } });
  if (message !== undefined) stages.push({ body: { field: message } });
  return stages;
}

function parseObject(line: string): Record<string, unknown> | undefined {
  if (!line.trimStart().startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

/** Stages as people write them: `json, timestamp { field: time }`. */
export function formatStages(stages: StageList): string {
  const one = (stage: StageList[number]): string => {
    if (typeof stage === 'string') return stage;
    const [[type, options] = ['', {}]] = Object.entries(stage);
    const pairs = Object.entries(options as Record<string, unknown>).map(([key, value]) => `${key}: ${String(value)}`);
    return `${type} { ${pairs.join(', ')} }`;
  };
  return stages.map(one).join(', ');
}
