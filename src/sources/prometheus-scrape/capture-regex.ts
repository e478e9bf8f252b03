import { MATCH } from '../../bytes/regex/linear-regex.ts';
import { parseRegex } from '../../bytes/regex/parse-regex.ts';
import { LineText, SpanRegex } from '../../bytes/regex/span-regex.ts';

/** What is wrong with a pattern. */
export interface PatternFault {
  readonly problem: string;
  readonly hint: string;
}

/**
 * A regular expression in the dialect of RE2 that must match a whole text, and gives its groups by number and name as
 * Prometheus does. Takes linear time for every text.
 */
export class CaptureRegex {
  readonly #regex: SpanRegex;
  /** The slot of each group, by number and by name. */
  readonly #slots: ReadonlyMap<string, number>;
  readonly #spans: Int32Array;
  readonly #line = new LineText();

  private constructor(regex: SpanRegex, slots: ReadonlyMap<string, number>) {
    this.#regex = regex;
    this.#slots = slots;
    this.#spans = new Int32Array(2 * regex.fields.length);
  }

  static create(pattern: string): CaptureRegex | PatternFault {
    const { text, groups } = nameGroups(pattern);
    const node = parseRegex(`^(?s:${text})$`);
    if ('problem' in node) return node;
    const regex = SpanRegex.create(node);
    if ('problem' in regex) return regex;
    const slots = new Map<string, number>();
    for (const [i, { name, label }] of groups.entries()) {
      const slot = regex.fields.indexOf(name);
      slots.set(String(i + 1), slot);
      if (label !== undefined) slots.set(label, slot);
    }
    return new CaptureRegex(regex, slots);
  }

  /** What `template` becomes for that text, with `$1`, `${1}` and `${name}` replaced; undefined: it does not match. */
  expand(text: string, template: string): string | undefined {
    const bytes = Buffer.concat([Buffer.from(text), SLACK]);
    const end = bytes.length - SLACK.length;
    this.#line.set(bytes, 0, end);
    if (this.#regex.match(this.#line, this.#spans) !== MATCH) return undefined;
    return template.replaceAll(/\$(?:\$|(\w+)|\{(\w+)\})/g, (whole, plain?: string, braced?: string) => {
      if (whole === '$$') return '$';
      const name = plain ?? braced ?? '';
      if (name === '0') return text;
      const slot = this.#slots.get(name) ?? -1;
      const start = slot < 0 ? -1 : this.#spans[2 * slot]!;
      return start < 0 ? '' : bytes.toString('utf8', start, this.#spans[2 * slot + 1]!);
    });
  }

  /** Whether it matches. */
  matches(text: string): boolean {
    return this.expand(text, '') !== undefined;
  }
}

const SLACK = Buffer.alloc(16);

interface NamedGroup {
  /** Under which the group is compiled. */
  readonly name: string;
  /** That of the user. */
  readonly label: string | undefined;
}

/** The pattern with a name for each of its groups, which alone are kept of a match. */
function nameGroups(pattern: string): { readonly text: string; readonly groups: readonly NamedGroup[] } {
  const groups: NamedGroup[] = [];
  const text = pattern.replaceAll(
    /\\Q.*?(?:\\E|$)|\\.|\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]|\((?:\?P?<(\w+)>|(?!\?))/gs,
    (part: string, label?: string) => {
      if (!part.startsWith('(')) return part;
      const name = `g${groups.length + 1}`;
      groups.push({ name, label });
      return `(?<${name}>`;
    },
  );
  return { text, groups };
}
