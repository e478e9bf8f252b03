import type { JsonSchema } from '@valibot/to-json-schema';

/**
 * Whether `value` is valid by `schema`: as much of JSON Schema as our own schemas use, and an error for anything else,
 * so that no keyword passes unread.
 */
export function isValid(schema: JsonSchema | boolean, value: unknown): boolean {
  if (typeof schema === 'boolean') return schema;
  return Object.entries(schema).every(([keyword, rule]) => {
    const check = KEYWORDS[keyword];
    if (check === undefined) throw new Error(`Cannot check the keyword "${keyword}"`);
    return check(rule as never, value, schema);
  });
}

type Check = (rule: never, value: unknown, schema: JsonSchema) => boolean;

const accept = () => true;

const KEYWORDS: Record<string, Check> = {
  $schema: accept,
  title: accept,
  description: accept,
  default: accept,
  type: (type: string, value) => type === typeOf(value) || (type === 'number' && typeOf(value) === 'integer'),
  const: (constant: unknown, value) => constant === value,
  enum: (values: unknown[], value) => values.includes(value),
  pattern: (pattern: string, value) => typeof value !== 'string' || new RegExp(pattern).test(value),
  minLength: (min: number, value) => typeof value !== 'string' || value.length >= min,
  minimum: (min: number, value) => typeof value !== 'number' || value >= min,
  maximum: (max: number, value) => typeof value !== 'number' || value <= max,
  minItems: (min: number, value) => !Array.isArray(value) || value.length >= min,
  minProperties: (min: number, value) => !isMap(value) || Object.keys(value).length >= min,
  items: (items: JsonSchema, value) => !Array.isArray(value) || value.every((item) => isValid(items, item)),
  anyOf: (schemas: JsonSchema[], value) => schemas.some((schema) => isValid(schema, value)),
  required: (keys: string[], value) => !isMap(value) || keys.every((key) => Object.hasOwn(value, key)),
  propertyNames: (names: JsonSchema, value) => !isMap(value) || Object.keys(value).every((key) => isValid(names, key)),
  properties: (properties: Record<string, JsonSchema>, value) =>
    !isMap(value) || Object.entries(properties).every(([key, rule]) => !(key in value) || isValid(rule, value[key])),
  additionalProperties: (rule: JsonSchema | boolean, value, { properties = {} }) =>
    !isMap(value) || Object.entries(value).every(([key, item]) => key in properties || isValid(rule, item)),
};

function isMap(value: unknown): value is Record<string, unknown> {
  return typeOf(value) === 'object';
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}
