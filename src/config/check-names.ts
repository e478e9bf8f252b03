import { closest } from '../component/closest.ts';
import { describeValue } from '../component/describe-value.ts';
import { ConfigError, type ConfigPath } from '../core/errors.ts';
import type { Report } from './config-document.ts';

const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/;

/** Checks what a source, pipeline or sink is called: names become labels of metrics and parts of the state. */
export function checkName(path: ConfigPath, report: Report): void {
  const name = String(path.at(-1));
  if (NAME.test(name)) return;
  const message = `Cannot use ${describeValue(name)} as a name`;
  const hint = 'Use at most 64 letters, digits, "_", "-" and ".", and begin with a letter, a digit or "_"';
  report.add(new ConfigError({ code: 'ERR_CONFIG_VALUE', path, message, hint }), 'key');
}

/** The hint for a name that is none of `known`: the nearest one, or all of them. */
export function nameHint(wrong: string, known: readonly string[], what: string): string {
  const near = closest(wrong, known);
  if (near !== undefined) return `Did you mean ${JSON.stringify(near)}?`;
  return `Known ${what}: ${known.join(', ')}`;
}
