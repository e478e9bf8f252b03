import { Document, isPair, isScalar, Scalar, visit } from 'yaml';
import type { ConfigError, ConfigPath } from '../core/errors.ts';
import { isPrintable, printable } from '../core/printable.ts';
import { type ConfigDocument, pathKey } from './config-document.ts';
import type { LocatedError, Place } from './located-error.ts';

type PlainMap = Record<string, unknown>;

/** A configuration that nobody has written: it is put together from values, each with its origin. */
export class PlainDocument implements ConfigDocument {
  readonly file = 'command line';
  readonly value: PlainMap = {};
  readonly errors: LocatedError[] = [];
  readonly #origins = new Map<string, string>();

  /** Sets what stands at `path`; errors there name `origin`, such as `--include`. */
  set(path: readonly string[], value: unknown, origin?: string): void {
    let map = this.value;
    for (const key of path.slice(0, -1)) map = (map[key] ??= {}) as PlainMap;
    map[path.at(-1)!] = value;
    if (origin !== undefined) this.#origins.set(pathKey(path), origin);
  }

  /** Adds an error about what came from `origin` and was not set. */
  fail(origin: string, error: ConfigError): void {
    this.errors.push({ ...placeOf(origin), error });
  }

  locate(path: ConfigPath): Place {
    for (let end = path.length; end > 0; end--) {
      const origin = this.#origins.get(pathKey(path.slice(0, end)));
      if (origin !== undefined) return placeOf(origin);
    }
    if (path.length <= 3) return placeOf(this.file);
    // What is missing inside an option of a component, such as `tls`, is missing because of what is there.
    const beside = pathKey(path.slice(0, -1)).replace(/]$/, ',');
    for (const [key, origin] of this.#origins) if (key.startsWith(beside)) return placeOf(origin);
    return placeOf(this.file);
  }

  isBroken(): boolean {
    return false;
  }

  filledText(): undefined {}

  numberText(): undefined {}

  /**
   * It as YAML, fit for a configuration file, with the origin of each value as a comment. Headers and passwords in
   * addresses are hidden, and nothing in it drives a terminal.
   */
  toYaml(): string {
    const document = new Document(this.value);
    visit(document, {
      Scalar: (key, scalar, ancestors) => {
        if (typeof scalar.value !== 'string') return;
        if (!isPrintable(scalar.value)) scalar.type = Scalar.QUOTE_DOUBLE;
        if (key === 'key') return;
        const path = ancestors.filter(isPair).map((pair) => String(isScalar(pair.key) ? pair.key.value : ''));
        const origin = this.#origins.get(pathKey(path));
        const isSecret = path.at(-2) === 'headers';
        if (origin !== undefined) scalar.comment = isSecret ? ` hidden, from ${origin}` : ` ${origin}`;
        scalar.value = isSecret ? '***' : toWritten(scalar.value);
      },
    });
    const text = document.toString({ lineWidth: 0, doubleQuotedAsJSON: true });
    return text.split('\n').map(printable).join('\n');
  }
}

/** `text` as it is written in a file: without passwords, and so that nothing in it is an environment variable. */
function toWritten(text: string): string {
  return text.replace(/(:\/\/)[^/@]*@/, '$1***@').replace(/\$+(?=\{)/g, '$&$&');
}

function placeOf(origin: string): Place {
  return { file: origin, line: 0, column: 0 };
}
