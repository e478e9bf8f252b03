import type { JsonSchema } from '@valibot/to-json-schema';
import * as v from 'valibot';
import type { Catalog } from '../component/catalog.ts';
import type { Described, OptionsSchema } from '../component/options.ts';
import { type AnySchema, withoutOptional } from '../component/schema-walk.ts';
import { fileSchema, pipelineSchema, stageKeysSchema, useSchema } from './file-schema.ts';

type Convert = (schema: OptionsSchema<unknown>) => JsonSchema;

/** What an editor must take in the place of a number or a word: the name of an environment variable. */
const VARIABLE: JsonSchema = { type: 'string', pattern: '\\$\\{' };

/**
 * A JSON Schema (draft 7) of the whole configuration file, for editors: keys, types, defaults, and what each key means.
 * Where a key takes a number or a word, an environment variable may stand, too. Loads the converter, which a running
 * agent does not need.
 */
export async function configJsonSchema(catalog: Catalog): Promise<JsonSchema> {
  const convert = await converter();
  const file = convert(fileSchema);
  const stages = [...catalog.stages.values()].map(({ type, summary, options }) => ({
    type,
    summary,
    options: convert(options),
  }));
  const common = convert(stageKeysSchema).properties;
  const own = convert(useSchema);
  const pipeline = withProperty(convert(pipelineSchema), 'stages', {
    items: {
      anyOf: [
        {
          enum: stages.filter(({ options }) => needsNothing(options)).map(({ type }) => type),
          description: 'A stage with the defaults of its options.',
        },
        ...stages.map(({ type, summary, options }) => namedStage(type, { ...options, description: summary }, common)),
        {
          ...own,
          properties: { ...own.properties, ...common },
          description: 'A ready-made pipeline, a stage of your own, or a file of stages.',
        },
      ],
    },
  });
  return {
    ...withProperty(
      withProperty(
        withProperty(file, 'sources', { additionalProperties: byType(catalog.sources.values(), convert) }),
        'sinks',
        { additionalProperties: byType(catalog.sinks.values(), convert) },
      ),
      'pipelines',
      { additionalProperties: pipeline },
    ),
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Pillion configuration',
  };
}

/** The sources or sinks: which options are right depends on `type`. */
function byType(
  definitions: Iterable<{ readonly type: string; readonly summary: string; readonly options: OptionsSchema<unknown> }>,
  convert: Convert,
): JsonSchema {
  const alternatives = Array.from(definitions, ({ type, summary, options }): JsonSchema => {
    const schema = convert(options);
    return {
      ...schema,
      description: summary,
      properties: { type: { const: type, description: summary }, ...schema.properties },
      required: ['type', ...(schema.required ?? [])],
    };
  });
  return { anyOf: alternatives };
}

/** A stage by its name, with what may stand beside it. */
function namedStage(key: string, value: JsonSchema, common: JsonSchema['properties']): JsonSchema {
  // `- json:` is `- json: {}`.
  const orNothing = needsNothing(value) ? { anyOf: [value, { type: 'null' as const }] } : value;
  return { type: 'object', properties: { [key]: orNothing, ...common }, required: [key], additionalProperties: false };
}

/** Whether the schema of a stage's options takes an empty map. */
function needsNothing(options: JsonSchema): boolean {
  return options.type === 'object' && !options.required?.length;
}

function withProperty(schema: JsonSchema, key: string, more: JsonSchema): JsonSchema {
  const property = schema.properties?.[key];
  const known = typeof property === 'object' ? property : {};
  return { ...schema, properties: { ...schema.properties, [key]: { ...known, ...more } } };
}

async function converter(): Promise<Convert> {
  const { toJsonSchema } = await import('@valibot/to-json-schema');
  return (schema) => {
    const { $schema: _, ...converted } = toJsonSchema(schema, {
      typeMode: 'input',
      // What JSON Schema cannot say, the agent checks; our metadata is added below, with names that editors know.
      errorMode: 'ignore',
      ignoreActions: ['metadata'],
      overrideSchema: ({ valibotSchema, jsonSchema }) => describeProperties(valibotSchema as AnySchema, jsonSchema),
    });
    return converted;
  };
}

/** Gives each property of an object its description and example, and lets variables stand for its value. */
function describeProperties({ entries }: AnySchema, jsonSchema: JsonSchema): JsonSchema | undefined {
  if (entries === undefined) return undefined;
  const properties: Record<string, JsonSchema> = {};
  for (const [key, entry] of Object.entries(entries)) {
    const { doc, example }: Partial<Described> = v.getMetadata(withoutOptional(entry));
    const property = jsonSchema.properties?.[key];
    properties[key] = {
      ...(doc === undefined ? {} : { description: example === undefined ? doc : `${doc} Example: ${example}` }),
      ...orVariable(typeof property === 'object' ? property : {}),
    };
  }
  return { ...jsonSchema, properties };
}

/** `schema`, or a text with an environment variable, where `schema` would refuse one. */
function orVariable(schema: JsonSchema): JsonSchema {
  const takesAnyText = schema.type === 'string' && schema.pattern === undefined && schema.enum === undefined;
  const isScalar =
    schema.type === 'string' || schema.type === 'number' || schema.type === 'integer' || schema.type === 'boolean';
  if (!isScalar || takesAnyText) return schema;
  const { default: fallback, ...plain } = schema;
  return { ...(fallback === undefined ? {} : { default: fallback }), anyOf: [plain, VARIABLE] };
}
