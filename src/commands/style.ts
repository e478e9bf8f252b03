import type { CommandContext } from './context.ts';

/** How text is set off from other text on a terminal. */
export interface Style {
  good(text: string): string;
  bad(text: string): string;
  dim(text: string): string;
  bold(text: string): string;
}

/** The style for a stream: plain where it is no terminal, or `NO_COLOR` is set. */
export function styleOf(stream: CommandContext['stdout'], { env }: CommandContext): Style {
  const isColoured = stream.isTTY === true && !env['NO_COLOR'];
  const coloured = (code: number) => (text: string) => (isColoured ? `\u001b[${code}m${text}\u001b[0m` : text);
  return { good: coloured(32), bad: coloured(31), dim: coloured(2), bold: coloured(1) };
}
