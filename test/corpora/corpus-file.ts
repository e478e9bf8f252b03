import type { RecordFields } from '../../src/agent/record-fields.ts';
import type { ExpectedRecord } from './expected-record.ts';

/** A file of a corpus, the ready-made pipeline that reads it, and what must come out. */
export interface CorpusFile {
  /** Below the folder of corpora. */
  readonly path: string;
  readonly pipeline: string;
  /** What the corpus says of its records; undefined: nothing, and only what could be parsed is counted. */
  readonly expected?: ((file: string, input: Buffer) => readonly ExpectedRecord[]) | undefined;
  /** Takes away what whoever made the corpus put into the lines. */
  readonly prepare?: ((text: string) => string) | undefined;
  /** Whether the corpus has records begin behind their first lines. */
  readonly isInside?: boolean | undefined;
  /** Lines that are no lines of the format, and count for nothing. */
  readonly foreign?: RegExp | undefined;
  /** Our fields, by the names that the corpus gives them. Other fields of the corpus are not compared. */
  readonly names?: Readonly<Record<string, FieldReader>> | undefined;
  /** Our levels, by their names in the corpus, where those are no levels to us in any case. */
  readonly levels?: Readonly<Record<string, string>> | undefined;
}

/** The name of a field of ours, such as `body` or `attributes.user.name`, or what tells its value. */
export type FieldReader = string | ((record: RecordFields) => string | undefined);
