import type { Catalog } from '../component/catalog.ts';
import type { StageDefinition } from '../component/definition.ts';
import type { ConfigDocument, Report } from './config-document.ts';
import type { Environment } from './environment.ts';

/** Loads the stage that a user's file exports. Rejects when it cannot; an `OperatorError` is shown as it is. */
export type LoadStage = (absolutePath: string) => Promise<StageDefinition<unknown>>;

/** What a configuration is checked against. */
export interface CheckContext {
  readonly catalog: Catalog;
  readonly env: Environment;
  readonly loadStage: LoadStage;
  /** The folder of the ready-made pipelines, where it is not the agent's own. */
  readonly pipelinesFolder?: string;
}

/** The check of one document, as it goes on. */
export interface Check extends CheckContext {
  readonly document: ConfigDocument;
  readonly report: Report;
  /** The text of each file of stages that was named, and the path of each own stage, with an empty one. */
  readonly used: Map<string, string>;
  /** The files whose stages are being checked, from the outermost on: none may use itself. */
  readonly openFiles: readonly string[];
}

/** A map of the configuration; `{}` for anything else, which the schema above it has reported. */
export function mapAt(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {};
}
