import {
  ConfigText,
  type Fields,
  type Node,
  Part,
  Spread,
  Text,
  templatePath,
  Value,
  type Values,
  valueAt,
  When,
} from './node.ts';

/**
 * Writes a tree as the text of a Helm template. `defaults` tell what kind a value is: whether it is quoted, or written as
 * a tree of its own.
 */
export function chartTemplate(node: Node, defaults: Values): string {
  return `${lines(node, 0, defaults).join('\n')}\n`;
}

/** All parts that a tree includes, each once, those that others include first. */
export function partsOf(node: Node): Map<string, Part | ConfigText> {
  const parts = new Map<string, Part | ConfigText>();
  const visit = (at: Node): void => {
    if (at instanceof Part) {
      visit(at.node);
      parts.set(at.name, at);
    } else if (at instanceof ConfigText) parts.set(at.part, at);
    else if (at instanceof When) visit(at.node);
    else if (Array.isArray(at)) for (const item of at) visit(item as Node);
    else if (isFields(at)) for (const child of Object.values(at)) visit(child);
  };
  visit(node);
  return parts;
}

/** The definition of a part. */
export function partDefinition(part: Part | ConfigText, defaults: Values): string {
  const name = part instanceof Part ? part.name : part.part;
  const head = part instanceof Part ? `{{- /* ${part.summary} */}}\n` : '';
  const body = part instanceof Part ? lines(part.node, 0, defaults).join('\n') : caseLines(part).join('\n');
  return `${head}{{- define ${JSON.stringify(name)} -}}\n${body}\n{{- end }}\n`;
}

function caseLines({ cases }: ConfigText): string[] {
  const written = cases.flatMap(({ condition, text }, index) => {
    const word = index === 0 ? `if ${condition?.template}` : condition ? `else if ${condition.template}` : 'else';
    return [cases.length === 1 ? [] : [`{{- ${word} }}`], text.trimEnd().split('\n')].flat();
  });
  return cases.length === 1 ? written : [...written, '{{- end }}'];
}

function isFields(node: Node): node is Fields {
  return typeof node === 'object' && !Array.isArray(node) && Object.getPrototypeOf(node) === Object.prototype;
}

function lines(node: Node, indent: number, defaults: Values): string[] {
  if (Array.isArray(node)) return joined(node.flatMap((item: Node) => itemLines(item, indent, defaults)));
  if (isFields(node)) {
    return joined(Object.entries(node).flatMap(([key, child]) => fieldLines(key, child, indent, defaults)));
  }
  if (node instanceof When) return guarded(node, indent, lines(node.node, indent, defaults));
  return [pad(indent) + scalar(node, defaults)];
}

function fieldLines(key: string, node: Node, indent: number, defaults: Values): string[] {
  const name = `${pad(indent)}${plain(key)}:`;
  if (node instanceof When) return guarded(node, indent, fieldLines(key, node.node, indent, defaults));
  if (node instanceof Spread) return spreadLines(node, indent);
  if (node instanceof Part) return [name, `${pad(indent)}  {{- include "${node.name}" . | nindent ${indent + 2} }}`];
  if (node instanceof ConfigText) {
    const text = `.Values.${node.path} | default (include "${node.part}" .) | trim`;
    return [`${name} |`, `${pad(indent)}  {{- ${text} | nindent ${indent + 2} }}`];
  }
  if (node instanceof Value) return valueLines(name, node, indent, defaults);
  // Kubernetes' own tools write lists at the indentation of their key.
  if (Array.isArray(node)) return node.length === 0 ? [`${name} []`] : [name, ...lines(node, indent, defaults)];
  if (isFields(node)) {
    return Object.keys(node).length === 0 ? [`${name} {}`] : [name, ...lines(node, indent + 2, defaults)];
  }
  const text = node instanceof Text ? templateText(node) : node;
  if (typeof text === 'string' && text.includes('\n')) {
    return [
      `${name} |`,
      ...text
        .trimEnd()
        .split('\n')
        .map((line) => (line === '' ? '' : `${pad(indent)}  ${line}`)),
    ];
  }
  return [`${name} ${scalar(node, defaults)}`];
}

function valueLines(name: string, value: Value, indent: number, defaults: Values): string[] {
  const standard = valueAt(defaults, value.path);
  const path = templatePath(value.path);
  if (typeof standard === 'object') {
    const tree = `${pad(indent)}  {{- toYaml . | nindent ${indent + 2} }}`;
    return [`${pad(indent)}{{- with ${path} }}`, name, tree, `${pad(indent)}{{- end }}`];
  }
  if (standard === '') {
    return [`${pad(indent)}{{- with ${path} }}`, `${name} {{ . | quote }}`, `${pad(indent)}{{- end }}`];
  }
  return [`${name} ${scalar(value, defaults)}`];
}

function itemLines(node: Node, indent: number, defaults: Values): string[] {
  if (node instanceof When) return guarded(node, indent, itemLines(node.node, indent, defaults));
  if (node instanceof Spread) return spreadLines(node, indent);
  if (node instanceof Part) return [`${pad(indent)}- {{- include "${node.name}" . | nindent ${indent + 2} }}`];
  if (!isFields(node)) return [`${pad(indent)}- ${scalar(node, defaults)}`];
  const [first, ...rest] = Object.entries(node).flatMap(([key, child]) => fieldLines(key, child, indent + 2, defaults));
  // The first field may stand under a condition, and then the dash needs a line of its own.
  if (first?.trimStart().startsWith('{{-'))
    throw new Error(`The first field of an item must always be there: ${first}`);
  return [`${pad(indent)}- ${first?.trimStart()}`, ...rest];
}

function spreadLines({ path }: Spread, indent: number): string[] {
  return [
    `${pad(indent)}{{- with ${templatePath(path)} }}`,
    `${pad(indent)}{{- toYaml . | nindent ${indent} }}`,
    `${pad(indent)}{{- end }}`,
  ];
}

/** Neighbours under one condition stand in one block. */
function joined(all: readonly string[]): string[] {
  const kept: string[] = [];
  let opening = '';
  for (const line of all) {
    const isAgain = line === opening && kept.at(-1) === line.replace(/\{\{- if .*/, '{{- end }}');
    if (isAgain) kept.pop();
    else kept.push(line);
    if (line.includes('{{- if ')) opening = line;
    else if (line.includes('{{- with ')) opening = '';
  }
  return kept;
}

function guarded({ condition }: When, indent: number, inner: readonly string[]): string[] {
  return [`${pad(indent)}{{- if ${condition.template} }}`, ...inner, `${pad(indent)}{{- end }}`];
}

function templateText({ pieces }: Text): string {
  const filled = ({ path, form }: Value): string =>
    `{{ ${templatePath(path)}${form === 'json' ? ' | default dict | toJson' : ''} }}`;
  return pieces.map((piece) => (typeof piece === 'string' ? piece : filled(piece))).join('');
}

function scalar(node: Node, defaults: Values): string {
  if (node instanceof Text) return `"${templateText(node)}"`;
  if (node instanceof Value) {
    const isText = node.path.startsWith('$') || typeof valueAt(defaults, node.path) === 'string';
    return `{{ ${templatePath(node.path)}${isText && !node.path.startsWith('$') ? ' | quote' : ''} }}`;
  }
  if (typeof node === 'string') return plain(node);
  if (typeof node === 'number' || typeof node === 'boolean') return String(node);
  throw new Error(`No scalar: ${JSON.stringify(node)}`);
}

/** A text as it stands in YAML: quoted where it would be taken for something else. */
function plain(text: string): string {
  const isPlain = /^[A-Za-z/][\w./-]*$/.test(text) && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(text);
  return isPlain ? text : JSON.stringify(text);
}

function pad(indent: number): string {
  return ' '.repeat(indent);
}
