import type { StageDefinition } from '../../component/definition.ts';
import { defaultTexts, flag, type Infer, object } from '../../component/options.ts';
import { ExceptionStage } from './exception-stage.ts';

const options = object({
  fields: defaultTexts({
    doc:
      'Attributes that may hold a stack trace, as loggers that write JSON have it; the first one that does is read, and ' +
      'taken out. The body where nothing is named.',
    default: [],
    example: '[stack, err.stack, exception]',
  }),
  keep: flag({ doc: 'Whether the attribute stays with the record.', default: false }),
  shorten_body: flag({
    doc:
      'Whether the trace is taken out of the body: what stands before it is left or, with nothing before it, the line ' +
      'that names the exception.',
    default: false,
  }),
});

/** The stage `exception`. */
export const exceptionStage: StageDefinition<Infer<typeof options>> = {
  type: 'exception',
  summary:
    'Finds the stack trace in a record of several lines and sets `exception.type`, `exception.message` and ' +
    '`exception.stacktrace`. It knows traces of Java, Python, Go, Node, .NET, Ruby, PHP, Rust and Dart by their form. The ' +
    'type of a panic is `panic`. Records without a trace are left alone.',
  options,
  example: {
    config: '- exception: { shorten_body: true }',
    input: 'order failed\njava.lang.IllegalStateException: no stock\n\tat com.acme.Shop.main(Shop.java:12)',
    output:
      '{"body":{"stringValue":"order failed"},' +
      '"attributes":[{"key":"exception.type","value":{"stringValue":"java.lang.IllegalStateException"}},' +
      '{"key":"exception.message","value":{"stringValue":"no stock"}},' +
      '{"key":"exception.stacktrace","value":{"stringValue":' +
      '"java.lang.IllegalStateException: no stock\\n\\tat com.acme.Shop.main(Shop.java:12)"}}]}',
  },
  build: ({ fields, keep, shorten_body }, { keys }) =>
    new ExceptionStage(
      {
        fields: fields.map((field) => keys.internText(field)),
        keep,
        shortenBody: shorten_body,
      },
      keys,
    ),
};
