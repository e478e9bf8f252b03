import type { WrittenConfig } from './written-config.ts';

/** Names that are in one configuration alone, or stand for something else in the other one. */
export interface NameChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

/** What has to be done to come from one configuration to another. */
export interface ConfigDiff {
  readonly sources: NameChanges;
  readonly pipelines: NameChanges;
  readonly sinks: NameChanges;
  /** Keys at the top that are not the same. */
  readonly settings: readonly string[];
  /** Those of the changed pipelines whose stages are not the same: the others only lead from or to somebody else. */
  readonly stages: readonly string[];
}

/** Compares two configurations by component. */
export function diffConfig(old: WrittenConfig, next: WrittenConfig): ConfigDiff {
  const settings = compare(old.settings, next.settings);
  const stagesOf = (config: WrittenConfig): Map<string, string> =>
    new Map(Array.from(config.pipelines, ([name, { stages }]) => [name, stages]));
  return {
    sources: compare(old.sources, next.sources),
    pipelines: compare(asTexts(old.pipelines), asTexts(next.pipelines)),
    sinks: compare(old.sinks, next.sinks),
    settings: [...settings.added, ...settings.removed, ...settings.changed],
    stages: compare(stagesOf(old), stagesOf(next)).changed,
  };
}

/** Whether the two are the same. */
export function isSame({ sources, pipelines, sinks, settings }: ConfigDiff): boolean {
  const names = [sources, pipelines, sinks].flatMap(({ added, removed, changed }) => [added, removed, changed]);
  return [...names, settings].every((list) => list.length === 0);
}

function asTexts(pipelines: WrittenConfig['pipelines']): Map<string, string> {
  return new Map(Array.from(pipelines, ([name, { from, stages, to }]) => [name, from + stages + to]));
}

function compare(old: ReadonlyMap<string, string>, next: ReadonlyMap<string, string>): NameChanges {
  return {
    added: [...next.keys()].filter((name) => !old.has(name)),
    removed: [...old.keys()].filter((name) => !next.has(name)),
    changed: [...next.keys()].filter((name) => old.has(name) && old.get(name) !== next.get(name)),
  };
}
