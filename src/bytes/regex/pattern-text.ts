/** What is wrong with a pattern, while it is being parsed; caught where the parsing began. */
export class PatternFault extends Error {
  /** Where it is, counted from 0. */
  readonly at: number;
  readonly hint: string;

  constructor(at: number, problem: string, hint: string) {
    super(problem);
    this.at = at;
    this.hint = hint;
  }
}

/** The text of a pattern, and how far it was read. */
export class PatternText {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  get isAtEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** A character ahead; empty at the end. */
  peek(ahead = 0): string {
    return this.text.charAt(this.at + ahead);
  }

  /** Passes over the character that is next and returns it; empty at the end. */
  next(): string {
    return this.text.charAt(this.at++);
  }

  /** The same with `count` of them. */
  nextMany(count: number): string {
    this.at += count;
    return this.text.slice(this.at - count, this.at);
  }

  /** Passes over `wanted` if that is next. */
  take(wanted: string): boolean {
    if (!this.text.startsWith(wanted, this.at)) return false;
    this.at += wanted.length;
    return true;
  }

  /** Passes over what stands before `wanted`, and that itself; undefined: it is not there. */
  takeUntil(wanted: string): string | undefined {
    const stop = this.text.indexOf(wanted, this.at);
    if (stop < 0) return undefined;
    const before = this.text.slice(this.at, stop);
    this.at = stop + wanted.length;
    return before;
  }

  /** Passes over what `form`, which is sticky, matches here, and returns the match. */
  takeMatch(form: RegExp): RegExpExecArray | undefined {
    form.lastIndex = this.at;
    const match = form.exec(this.text);
    if (match === null) return undefined;
    this.at = form.lastIndex;
    return match;
  }
}
