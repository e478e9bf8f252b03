import type { CommandContext } from './context.ts';

/** How text is set off from other text on a terminal. */
export interface Style {
  good(text: string): string;
  bad(text: string): string;
  dim(text: string): string;
  bold(text: string): string;
}

/** Whether whoever started the process has nothing against colours: `NO_COLOR`, or a terminal that has none. */
export function wantsColour(env: CommandContext['env']): boolean {
  return !env['NO_COLOR'] && env['TERM'] !== 'dumb';
}

/** The style for a stream: plain where it is no terminal, or no colours are wanted. */
export function styleOf(stream: CommandContext['stdout'], { env }: CommandContext): Style {
  const isColoured = stream.isTTY === true && wantsColour(env);
  const coloured = (code: number) => (text: string) => (isColoured ? `\u001b[${code}m${text}\u001b[0m` : text);
  return { good: coloured(32), bad: coloured(31), dim: coloured(2), bold: coloured(1) };
}
