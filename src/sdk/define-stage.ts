import type { StageDefinition } from '../component/definition.ts';
import { type OptionDeclarations, type OptionValues, optionsSchema } from './option-schema.ts';
import { OwnStage, type ProcessRecord } from './own-stage.ts';

/** What a stage of your own says of itself. */
export interface StageDeclaration<Declared extends OptionDeclarations> {
  /** Its name in metrics and messages, in snake_case. */
  readonly type: string;
  /** What it does, as one sentence. */
  readonly summary: string;
  readonly options?: Declared;
  /**
   * Makes what is done to each record, once a pipeline that uses the stage is built: put here what can be made
   * beforehand, such as patterns. What it throws is an error of the configuration.
   */
  readonly build: (options: OptionValues<Declared>) => ProcessRecord;
}

/** By this the agent knows its own definitions, whichever copy of this module made them. */
const OWN_STAGE = Symbol.for('pillion.own-stage');
const TYPE = /^[a-z][a-z0-9_]*$/;

/**
 * Defines a stage of your own: the default export of a file that a configuration names with `use: ./my-stage.ts`.
 *
 * ```ts
 * export default defineStage({
 *   type: 'drop_health_checks',
 *   summary: 'Drops the requests of load balancers.',
 *   options: { path: { type: 'string', default: '/healthz' } },
 *   build: ({ path }) => (record) => {
 *     if (record.string('url.path') === path) record.drop('health_check');
 *   },
 * });
 * ```
 * Throws a TypeError when the declaration is wrong.
 */
export function defineStage<const Declared extends OptionDeclarations = Record<never, never>>(
  stage: StageDeclaration<Declared>,
): StageDefinition<OptionValues<Declared>> {
  const { type, summary, options, build } = stage;
  if (typeof type !== 'string' || !TYPE.test(type)) {
    throw new TypeError(`Cannot define stage ${JSON.stringify(type)}: its type is not in snake_case`);
  }
  if (typeof summary !== 'string') throw new TypeError(`Cannot define stage "${type}": its summary is no text`);
  if (typeof build !== 'function') throw new TypeError(`Cannot define stage "${type}": its build is no function`);
  const definition: StageDefinition<OptionValues<Declared>> = {
    type,
    summary,
    options: optionsSchema(options ?? ({} as Declared)),
    example: { config: `- use: ./${type}.ts`, input: '', output: '' },
    build(values, context) {
      const process: unknown = build(values);
      if (typeof process !== 'function') throw new TypeError('its build() returned no function');
      return new OwnStage(type, process as ProcessRecord, context);
    },
  };
  return Object.assign(definition, { [OWN_STAGE]: true });
}

/** Whether a value was made by `defineStage()`. */
export function isOwnStage(value: unknown): value is StageDefinition<unknown> {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, OWN_STAGE);
}
