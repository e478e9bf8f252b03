/**
 * A manifest with places that values fill. One tree is read in two ways: `evaluate()` gives the object that some values
 * make, for kustomize and for tests, and `chartTemplate()` the text of a template, for the chart.
 */
export type Node =
  | string
  | number
  | boolean
  | readonly Node[]
  | Fields
  | Value
  | Text
  | When
  | Spread
  | Part
  | ConfigText;

/** The fields of an object, in the order in which they are written. */
export interface Fields {
  readonly [key: string]: Node;
}

/** The values of a chart, as in `values.yaml`. */
export interface Values {
  readonly [key: string]: unknown;
}

/** A condition on values, in the language of templates and in this one. */
export interface Condition {
  readonly template: string;
  holds(values: Values): boolean;
}

/** Stands for a value; an empty one (`''`, `{}`, `[]`) leaves its field out. */
export class Value {
  readonly path: string;
  /** How it stands within a text. */
  readonly form: 'plain' | 'json';

  constructor(path: string, form: Value['form'] = 'plain') {
    this.path = path;
    this.form = form;
  }
}

/** Pieces put together to one text; what is a `Value` is filled in. */
export class Text {
  readonly pieces: readonly (string | Value)[];

  constructor(...pieces: (string | Value)[]) {
    this.pieces = pieces;
  }
}

/** A field, or an item of a list, that is there only when a condition holds. */
export class When {
  readonly condition: Condition;
  readonly node: Node;

  constructor(condition: Condition, node: Node) {
    this.condition = condition;
    this.node = node;
  }
}

/** The items of a list value, as items of this list; under a key that begins with `...`: the fields of a map value. */
export class Spread {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }
}

/** A tree with a name, which is written once: others include it, and so can the charts of users. */
export class Part {
  readonly name: string;
  readonly summary: string;
  readonly node: Node;

  constructor(name: string, summary: string, node: Node) {
    this.name = name;
    this.summary = summary;
    this.node = node;
  }
}

/** The text of a file: what a value says, or the first case whose condition holds. The last case has none. */
export class ConfigText {
  readonly path: string;
  readonly part: string;
  readonly cases: readonly { readonly condition?: Condition; readonly text: string }[];

  constructor(path: string, part: string, cases: ConfigText['cases']) {
    this.path = path;
    this.part = part;
    this.cases = cases;
  }
}

/** The name of the release, which every object of the agent has. */
export const releaseName = new Value('$release');
/** The namespace of the release. */
export const releaseNamespace = new Value('$namespace');

/** The value at a path, `image.tag`. */
export function valueAt(values: Values, path: string): unknown {
  return path.split('.').reduce<unknown>((at, key) => (at as Values | undefined)?.[key], values);
}

/** How a template names the value at a path. */
export function templatePath(path: string): string {
  if (path === releaseName.path) return '.Release.Name';
  return path === releaseNamespace.path ? '.Release.Namespace' : `.Values.${path}`;
}

/** Holds when the value at `path` is this text. */
export function equals(path: string, text: string): Condition {
  return {
    template: `(eq ${templatePath(path)} ${JSON.stringify(text)})`,
    holds: (values) => valueAt(values, path) === text,
  };
}

/** Holds when the value at `path` is not empty, and not false. */
export function isSet(path: string): Condition {
  return { template: templatePath(path), holds: (values) => !isEmpty(valueAt(values, path)) };
}

export function not(condition: Condition): Condition {
  return { template: `(not ${condition.template})`, holds: (values) => !condition.holds(values) };
}

export function all(...conditions: Condition[]): Condition {
  return {
    template: `(and ${conditions.map(({ template }) => template).join(' ')})`,
    holds: (values) => conditions.every((condition) => condition.holds(values)),
  };
}

export function any(...conditions: Condition[]): Condition {
  return {
    template: `(or ${conditions.map(({ template }) => template).join(' ')})`,
    holds: (values) => conditions.some((condition) => condition.holds(values)),
  };
}

/** What templates take for false. */
export function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '' || value === 0) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/** The object that a tree and values make; undefined: it is left out. */
export function evaluate(node: Node, values: Values): unknown {
  if (node instanceof Value) {
    const value = valueAt(values, node.path);
    return isEmpty(value) && value !== false && value !== 0 ? undefined : value;
  }
  if (node instanceof Text) {
    return node.pieces.map((piece) => (typeof piece === 'string' ? piece : pieceOf(piece, values))).join('');
  }
  if (node instanceof When) return node.condition.holds(values) ? evaluate(node.node, values) : undefined;
  if (node instanceof Part) return evaluate(node.node, values);
  if (node instanceof ConfigText) return configText(node, values);
  if (node instanceof Spread) return valueAt(values, node.path);
  if (Array.isArray(node)) {
    return node.flatMap((item: Node) => {
      const made = evaluate(item, values);
      return made === undefined ? [] : item instanceof Spread ? (made as unknown[]) : [made];
    });
  }
  if (typeof node !== 'object') return node;
  const object: Record<string, unknown> = {};
  for (const [key, child] of Object.entries(node as Fields)) {
    const made = evaluate(child, values);
    if (key.startsWith('...')) Object.assign(object, made);
    else if (made !== undefined) object[key] = made;
  }
  return object;
}

function pieceOf({ path, form }: Value, values: Values): string {
  const value = valueAt(values, path);
  return form === 'json' ? JSON.stringify(value ?? {}) : String(value);
}

function configText({ path, cases }: ConfigText, values: Values): string {
  const written = valueAt(values, path);
  const chosen = cases.find(({ condition }) => condition === undefined || condition.holds(values));
  const text = isEmpty(written) ? (chosen?.text ?? '') : String(written);
  return `${text.trim()}\n`;
}
