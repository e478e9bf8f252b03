/** What a pipeline is made of, as text. */
export interface WrittenPipeline {
  /** Its sources. */
  readonly from: string;
  /** Its stages, with the files of stages that they name, and what belongs to them. */
  readonly stages: string;
  /** Its sinks, and which records each of them gets. */
  readonly to: string;
}

/**
 * A configuration as it is written, with the variables of the environment filled in: components whose texts are equal
 * are equal. Functions, conditions and defaults, which a checked configuration holds, cannot be compared.
 */
export interface WrittenConfig {
  /** All keys at the top but those of components. */
  readonly settings: ReadonlyMap<string, string>;
  readonly sources: ReadonlyMap<string, string>;
  readonly pipelines: ReadonlyMap<string, WrittenPipeline>;
  readonly sinks: ReadonlyMap<string, string>;
}

/** A value out of a configuration as text. */
export function asText(...values: unknown[]): string {
  return JSON.stringify(values);
}
