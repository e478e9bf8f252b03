import * as v from 'valibot';
import { described, type OptionsSchema, object } from '../component/options.ts';

/** What the type of an option stands for in code. `strings` is a list; one text alone is a list of one. */
export interface OptionTypes {
  string: string;
  number: number;
  boolean: boolean;
  strings: readonly string[];
}

/** One option of a stage. Without a default it must be given. */
export type OptionDeclaration = {
  readonly [Type in keyof OptionTypes]: {
    readonly type: Type;
    readonly default?: OptionTypes[Type];
    /** What it means, for whoever reads an error about it. */
    readonly doc?: string;
  };
}[keyof OptionTypes];

/** The options of a stage by their names, in snake_case. */
export type OptionDeclarations = Readonly<Record<string, OptionDeclaration>>;

/** What a stage is built with: a value for each of its options. */
export type OptionValues<Declared extends OptionDeclarations> = {
  readonly [Name in keyof Declared]: OptionTypes[Declared[Name]['type']];
};

const SCHEMAS: { readonly [Type in keyof OptionTypes]: { schema: v.GenericSchema; name: string } } = {
  string: { schema: v.string('expected text'), name: 'text' },
  number: { schema: v.pipe(v.number('expected a number'), v.finite('expected a finite number')), name: 'number' },
  boolean: { schema: v.boolean('expected true or false'), name: 'true or false' },
  strings: {
    schema: v.pipe(
      v.union([v.array(v.string('expected text')), v.string()], 'expected a list of texts'),
      v.transform((texts) => (typeof texts === 'string' ? [texts] : texts)),
    ),
    name: 'list of text',
  },
};

/** The schema that checks what a configuration gives to a stage. Throws a TypeError for a wrong declaration. */
export function optionsSchema<Declared extends OptionDeclarations>(
  declared: Declared,
): OptionsSchema<OptionValues<Declared>> {
  const entries = Object.entries(declared).map(([name, declaration]) => [name, optionSchema(name, declaration)]);
  return object(Object.fromEntries(entries)) as unknown as OptionsSchema<OptionValues<Declared>>;
}

function optionSchema(name: string, declaration: OptionDeclaration): v.GenericSchema {
  const known = Object.hasOwn(SCHEMAS, declaration?.type) ? SCHEMAS[declaration.type] : undefined;
  if (known === undefined) {
    throw new TypeError(`Cannot declare option "${name}": its type is none of ${Object.keys(SCHEMAS).join(', ')}`);
  }
  const schema = described(known.schema, known.name, { doc: declaration.doc ?? '' });
  if (declaration.default === undefined) return schema;
  if (!v.is(schema, declaration.default)) {
    throw new TypeError(`Cannot declare option "${name}": its default is no ${known.name}`);
  }
  return v.optional(schema, declaration.default);
}
