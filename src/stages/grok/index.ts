import * as v from 'valibot';
import { parseRegex } from '../../bytes/regex/parse-regex.ts';
import type { PatternProblem } from '../../bytes/regex/regex-node.ts';
import type { StageDefinition } from '../../component/definition.ts';
import { described, type Infer, notList } from '../../component/options.ts';
import type { ConfigError } from '../../core/errors.ts';
import { type Expression, expressionError, expressionOptions } from '../expressions.ts';
import { FieldRow } from '../field-row.ts';
import { lenientFieldType } from '../field-type.ts';
import { looksAtField, PARSER_OPTIONS, ParserStage } from '../parser.ts';
import { createFieldRegex, type FieldRegex, RegexReader } from '../regex-reader.ts';
import { GrokReferences, LIBRARY, splitField } from './grok-references.ts';

const options = expressionOptions(
  {
    doc:
      'A grok expression, or a list of them, of which the first that fits counts. `%{NAME}` is a pattern of the ' +
      'library or of your own, `%{NAME:field}` makes what it fits an attribute, `%{NAME:field:int}` with a type: `int`, ' +
      '`double` (or `float`), `bool`, `json` or `list`. `[a][b]` is the field `a.b`. All else is a regular expression as the ' +
      'stage `regex` takes it. Like that it fits anywhere in the line but for `^` and `$`. The patterns for whole ' +
      'lines, such as `COMBINEDAPACHELOG`, name their fields as OpenTelemetry does.',
    example: "'^%{IP:client.address} %{WORD:http.request.method} %{NUMBER:duration:double}'",
  },
  {
    patterns: v.optional(
      described(
        notList(
          v.record(
            v.pipe(v.string(), v.regex(/^\w+$/, 'expected a name of letters, digits and "_"')),
            v.string('expected text'),
            'expected a map of names and expressions',
          ),
        ),
        'map',
        {
          doc:
            'Patterns of your own, by name; they may use each other and those of the library, and take the place of one ' +
            `with the same name. The library has ${[...LIBRARY.keys()].map((name) => `\`${name}\``).join(', ')}.`,
          example: "{ ORDER: 'ord-[0-9]{6}' }",
        },
      ),
      {},
    ),
    ...PARSER_OPTIONS,
  },
);

/** The stage `grok`. */
export const grokStage: StageDefinition<Infer<typeof options>> = {
  type: 'grok',
  summary:
    'Takes a line apart by a grok expression: regular expressions that are put together from patterns with names. ' +
    'Where the line can be written as a pattern, the stage `pattern` is several times as fast. A line that no ' +
    'expression fits goes on as it came, marked `parse_failed`.',
  options,
  example: {
    config:
      "- grok: { match: '^%{LOGLEVEL:level} +%{ORDER:order} took %{INT:duration:int} ms', patterns: { ORDER: 'ord-[0-9]{6}' } }",
    input: 'INFO  ord-123456 took 12 ms',
    output:
      '{"body":{"stringValue":"INFO  ord-123456 took 12 ms"},"attributes":[{"key":"level","value":{"stringValue":"INFO"}},' +
      '{"key":"order","value":{"stringValue":"ord-123456"}},{"key":"duration","value":{"intValue":"12"}}]}',
  },
  check({ match, patterns }) {
    const references = new GrokReferences(patterns);
    const own = Object.entries(patterns).flatMap(([name, text]): ConfigError[] => {
      const node = parseRegex(text, references);
      const expression = { text, path: ['patterns', name] };
      return 'problem' in node ? [expressionError('pattern', expression, node)] : [];
    });
    if (own.length > 0) return own;
    return match.flatMap((expression) => {
      const compiled = compile(expression, references);
      return 'problem' in compiled ? [expressionError('expression', expression, compiled)] : [];
    });
  },
  looksAt: looksAtField,
  build(options, context) {
    const references = new GrokReferences(options.patterns);
    const expressions = options.match.map((expression) => {
      const compiled = compile(expression, references);
      if ('problem' in compiled) throw expressionError('expression', expression, compiled);
      const fields = compiled.fields.map((field) => {
        const { name, type } = splitField(field);
        return { name, type: lenientFieldType(type) ?? 'string' };
      });
      return { regex: compiled.regex, row: new FieldRow(fields, context) };
    });
    return new ParserStage(new RegexReader(expressions), options, context);
  },
};

function compile({ text }: Expression, references: GrokReferences): FieldRegex | PatternProblem {
  const node = parseRegex(text, references);
  if ('problem' in node) return node;
  const compiled = createFieldRegex(node);
  if (!('problem' in compiled) || compiled.problem !== 'it names no field') return compiled;
  return { ...compiled, hint: 'Name what to extract, as in "%{INT:status:int}"' };
}
