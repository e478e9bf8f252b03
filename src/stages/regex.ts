import * as v from 'valibot';
import { parseRegex } from '../bytes/regex/parse-regex.ts';
import type { PatternProblem } from '../bytes/regex/regex-node.ts';
import { closest } from '../component/closest.ts';
import type { StageDefinition } from '../component/definition.ts';
import { described, type Infer, notList } from '../component/options.ts';
import { ConfigError } from '../core/errors.ts';
import { type Expression, expressionError, expressionOptions } from './expressions.ts';
import { FieldRow } from './field-row.ts';
import { FIELD_TYPES } from './field-type.ts';
import { looksAtField, PARSER_OPTIONS, ParserStage } from './parser.ts';
import { createFieldRegex, type FieldRegex, RegexReader } from './regex-reader.ts';

const options = expressionOptions(
  {
    doc:
      'A regular expression, or a list of them, of which the first that fits counts. A group with a name, ' +
      '`(?<name>…)` or `(?P<name>…)`, is an attribute of that name, which may have points in it: ' +
      '`(?<http.request.method>[A-Z]+)`; of a group that is repeated the last value counts, and of two with the same ' +
      'name the last one that took part. Other groups are no attributes. It fits anywhere in the line but for `^` and ' +
      '`$`, the beginning and the end of it. Any expression takes linear time (docs/patterns.md), so look-around and ' +
      'back-references are refused, as they are by RE2; atomic groups and possessive quantifiers are taken for plain ' +
      'ones. `(?i)` is for both cases, with `(?s)` the point is any character.',
    example: "'^(?<level>\\w+) (?<status>\\d+)'",
  },
  {
    types: v.optional(
      described(
        notList(
          v.record(
            v.string(),
            v.picklist(FIELD_TYPES, `expected one of ${FIELD_TYPES.join(', ')}`),
            'expected a map of names and types',
          ),
        ),
        'map',
        {
          doc:
            'The types of groups that are no text, by name: `int`, `double`, `bool`, `json`, or `list` for a list of ' +
            'this one text. What is not of the type does not fit; nothing and `-` are left out.',
          example: '{ status: int }',
        },
      ),
      {},
    ),
    ...PARSER_OPTIONS,
  },
);

/** The stage `regex`. */
export const regexStage: StageDefinition<Infer<typeof options>> = {
  type: 'regex',
  summary:
    'Takes a line apart by a regular expression: its named groups become attributes. Where the line can be written as ' +
    'a pattern, the stage `pattern` takes half the time. A line that no expression fits goes on as it came, marked ' +
    '`parse_failed`.',
  options,
  example: {
    config:
      "- regex: { match: '^(?<level>[A-Z]+) +(?<thread.name>\\S+) took (?<duration>\\d+) ms$', types: { duration: int } }",
    input: 'INFO  main took 12 ms',
    output:
      '{"body":{"stringValue":"INFO  main took 12 ms"},"attributes":[{"key":"level","value":{"stringValue":"INFO"}},' +
      '{"key":"thread.name","value":{"stringValue":"main"}},{"key":"duration","value":{"intValue":"12"}}]}',
  },
  check({ match, types }) {
    const names: string[] = [];
    const errors: ConfigError[] = [];
    for (const expression of match) {
      const compiled = compile(expression);
      if ('problem' in compiled) errors.push(expressionError('expression', expression, compiled));
      else names.push(...compiled.fields);
    }
    if (errors.length > 0) return errors;
    return Object.keys(types)
      .filter((name) => !names.includes(name))
      .map((name) => unknownGroup(name, names));
  },
  looksAt: looksAtField,
  build(options, context) {
    const expressions = options.match.map((expression) => {
      const compiled = compile(expression);
      if ('problem' in compiled) throw expressionError('expression', expression, compiled);
      const fields = compiled.fields.map((name) => ({ name, type: options.types[name] ?? 'string' }));
      return { regex: compiled.regex, row: new FieldRow(fields, context) };
    });
    return new ParserStage(new RegexReader(expressions), options, context);
  },
};

function compile({ text }: Expression): FieldRegex | PatternProblem {
  const node = parseRegex(text);
  return 'problem' in node ? node : createFieldRegex(node);
}

function unknownGroup(name: string, names: readonly string[]): ConfigError {
  const near = closest(name, names);
  return new ConfigError({
    code: 'ERR_CONFIG_KEY',
    path: ['types', name],
    message: `Cannot give ${JSON.stringify(name)} a type: no group has that name`,
    hint: near === undefined ? `Groups are ${names.join(', ')}` : `Did you mean ${JSON.stringify(near)}?`,
  });
}
