/** Environment variables; the empty text counts as set here, as in a shell. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What is wrong with a reference. */
export interface ReferenceProblem {
  /** As it stands in the text, from `${` on. */
  readonly reference: string;
  readonly message: string;
  readonly hint: string;
}

/** A text with the variables filled in, or all that is wrong with its references. */
export type Filled =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problems: readonly ReferenceProblem[] };

const REFERENCE = /^([A-Za-z_][A-Za-z0-9_]*)(?::-([^${}]*))?$/;

/**
 * `text` with `${NAME}` and `${NAME:-default}` filled in. As in a shell, the default also stands for an empty variable.
 * What is filled in is not looked at again. Before a `{`, `$$` stands for `$`, so that `$${` is `${`; everywhere else a
 * `$` is only itself: passwords and patterns are full of them.
 */
export function fillEnvironment(text: string, env: Environment): Filled {
  const problems: ReferenceProblem[] = [];
  const dollars = /(\$+)\{/g;
  let filled = '';
  let done = 0;
  for (let match = dollars.exec(text); match !== null; match = dollars.exec(text)) {
    const count = match[1]!.length;
    filled += text.slice(done, match.index) + '$'.repeat(count >> 1);
    done = match.index + count;
    if (count % 2 === 0) continue;
    const close = text.indexOf('}', done);
    const end = close === -1 ? text.length : close + 1;
    const result = close === -1 ? unclosed() : resolve(text.slice(done + 1, close), env);
    if (typeof result === 'string') filled += result;
    else problems.push({ reference: text.slice(done - 1, end), ...result });
    done = end;
    dollars.lastIndex = done;
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, text: filled + text.slice(done) };
}

/** The value of a variable, undefined when it is not set. */
export function variable(env: Environment, name: string): string | undefined {
  return Object.hasOwn(env, name) ? env[name] : undefined;
}

function resolve(reference: string, env: Environment): string | Omit<ReferenceProblem, 'reference'> {
  const parts = REFERENCE.exec(reference);
  if (parts === null) {
    return { message: `Cannot read "\${${reference}}" as an environment variable`, hint: formHint(reference) };
  }
  const [, name = '', fallback] = parts;
  const value = variable(env, name);
  if (fallback !== undefined) return value || fallback;
  if (value !== undefined) return value;
  const hint = `Set it, or give a default, as in "\${${name}:-default}"`;
  return { message: `Environment variable "${name}" is not set and has no default`, hint };
}

function unclosed(): Omit<ReferenceProblem, 'reference'> {
  return { message: 'Reference to an environment variable has no "}"', hint: formHint('') };
}

function formHint(reference: string): string {
  const name = /^env[:.]([A-Za-z_][A-Za-z0-9_]*)$/.exec(reference)?.[1] ?? 'NAME';
  return `Write "\${${name}}" or "\${${name}:-default}", or "$\${" where "\${" itself is meant`;
}
