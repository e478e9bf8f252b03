import type { ValueReader } from '../../core/instruments.ts';
import { ValueType } from '../../core/value-type.ts';

/** A label whose value the stage has found itself, and sets for each record. */
export class KnownSpan implements ValueReader {
  type: number = ValueType.Empty;
  start = 0;
  end = 0;

  /** The value is this span, a text. */
  set(start: number, end: number): void {
    this.type = ValueType.String;
    this.start = start;
    this.end = end;
  }

  /** There is none. */
  clear(): void {
    this.type = ValueType.Empty;
  }

  locate(): void {}
}
