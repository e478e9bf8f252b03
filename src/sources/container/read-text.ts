import { readFile } from 'node:fs/promises';

/** The text of a file of `/proc` or a cgroup; undefined: there is none, or it may not be read. */
export async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** The numbers of lines such as `usage_usec 123`, by their words. */
export function numbersByWord(text: string | undefined): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>();
  for (const line of (text ?? '').split('\n')) {
    const [word = '', number = ''] = line.split(' ');
    if (/^\d+$/.test(number)) numbers.set(word, Number(number));
  }
  return numbers;
}

/** The number that is all of a text; undefined: it is another text, such as `max`. */
export function numberOf(text: string | undefined): number | undefined {
  const digits = text?.trim() ?? '';
  return /^\d+$/.test(digits) ? Number(digits) : undefined;
}
