import { parseTemplate, type TemplateError, type TemplatePart } from '../codec/pattern/template.ts';
import { TemplateMatcher } from '../codec/pattern/template-matcher.ts';
import type { StageContext, StageDefinition } from '../component/definition.ts';
import type { Infer } from '../component/options.ts';
import type { RecordBatch } from '../core/record-batch.ts';
import { expressionError, expressionOptions } from './expressions.ts';
import { FieldRow } from './field-row.ts';
import { fieldTypeHint, lenientFieldType } from './field-type.ts';
import { looksAtField, PARSER_OPTIONS, ParserStage, type TextReader } from './parser.ts';

const options = expressionOptions(
  {
    doc:
      'How the line is written, or a list of ways, of which the first that fits counts. `<name>` is a field; it ends ' +
      'where the text that follows it first stands, and the last one where the line ends. `<name:int>` has a type: ' +
      '`int`, `double`, `bool`, `json`, or `list` for a list of this one text; what is not of the type does not fit, ' +
      'nothing and `-` are left out. `<name?>` is a text that is left out where it is nothing or `-`. `<_>` is ' +
      'passed over. `<name->` is padded with blanks, `<->` is any number of them. `<?>` stands in front of what may be ' +
      'missing at the end, and `<<` for the character itself. All else stands in the line as it is written.',
    example: "'<time> [<level>] <status:int> <message>'",
  },
  PARSER_OPTIONS,
);

/** The stage `pattern`. */
export const patternStage: StageDefinition<Infer<typeof options>> = {
  type: 'pattern',
  summary:
    'Takes a line apart by a pattern that looks like the line, into attributes. Fast, because it looks for the text ' +
    'between the fields only; what a field may hold, but for its type, is not checked. A line that fits no pattern ' +
    'goes on as it came, marked `parse_failed`.',
  options,
  example: {
    config:
      '- pattern: \'<client.address> - <_> [<time>] "<http.request.method> <url.path> <_>" <http.response.status_code:int> <size:int>\'',
    input: '10.0.0.7 - - [02/Jan/2026:03:04:05 +0000] "GET /health HTTP/1.1" 200 -',
    output:
      '{"body":{"stringValue":"10.0.0.7 - - [02/Jan/2026:03:04:05 +0000] \\"GET /health HTTP/1.1\\" 200 -"},' +
      '"attributes":[{"key":"client.address","value":{"stringValue":"10.0.0.7"}},' +
      '{"key":"time","value":{"stringValue":"02/Jan/2026:03:04:05 +0000"}},' +
      '{"key":"http.request.method","value":{"stringValue":"GET"}},' +
      '{"key":"url.path","value":{"stringValue":"/health"}},' +
      '{"key":"http.response.status_code","value":{"intValue":"200"}}]}',
  },
  check: ({ match }) =>
    match.flatMap((expression) => {
      const parts = parsePattern(expression.text);
      return 'problem' in parts ? [expressionError('pattern', expression, parts)] : [];
    }),
  looksAt: looksAtField,
  build(options, context) {
    const patterns = options.match.map((expression) => {
      const parts = parsePattern(expression.text);
      if ('problem' in parts) throw expressionError('pattern', expression, parts);
      return new Pattern(parts, context);
    });
    return new ParserStage(new PatternReader(patterns), options, context);
  },
};

/** The parts of a pattern whose types are known, too. */
function parsePattern(text: string): readonly TemplatePart[] | TemplateError {
  const parts = parseTemplate(text);
  if ('problem' in parts) return parts;
  for (const part of parts) {
    if (part.kind !== 'field' || lenientFieldType(part.type) !== undefined) continue;
    const problem = `unknown type ${JSON.stringify(part.type)}`;
    return { column: part.column, problem, hint: fieldTypeHint(part.type) };
  }
  return parts;
}

class Pattern {
  readonly matcher: TemplateMatcher;
  readonly row: FieldRow;

  constructor(parts: readonly TemplatePart[], context: StageContext) {
    this.matcher = new TemplateMatcher(parts);
    const fields = this.matcher.fields.map(({ name, type, isOptional }) => ({
      name,
      type: lenientFieldType(type) ?? 'string',
      isOptional,
    }));
    this.row = new FieldRow(fields, context);
  }
}

class PatternReader implements TextReader {
  readonly #patterns: readonly Pattern[];

  constructor(patterns: readonly Pattern[]) {
    this.#patterns = patterns;
  }

  read(batch: RecordBatch, record: number, start: number, end: number): string | undefined {
    let why = 'no pattern fits';
    for (const { matcher, row } of this.#patterns) {
      if (!matcher.match(batch.bytes, batch.view, start, end, row.spans)) continue;
      const wrong = row.commit(batch, record);
      if (wrong === undefined) return undefined;
      why = wrong;
    }
    return why;
  }
}
