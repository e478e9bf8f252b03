/** Where in a line of the file reading goes on. */
export const InLine = {
  /** At its start. */
  None: 0,
  /** In the rest of one that was cut. */
  Rest: 1,
  /** Where an unterminated record stopped: what follows is its remainder. */
  Remainder: 2,
} as const;

/** How the next line of a stream is taken. */
export const Next = {
  /** As a line that begins something, or belongs to it. */
  Fresh: 0,
  /** As the rest of a record that was cut: passed over up to the next one. */
  Rest: 1,
  /** As more of a record that went out already. */
  Continuation: 2,
} as const;

/** How reading goes on in one of the streams that are mixed in a file. */
export interface StreamResume {
  /** How the next part of a line is taken; `Fresh` where no part came before it. */
  part: number;
  /** How the next line is taken. */
  group: number;
  /** In which state the judge of lines was left. */
  state: number;
  /** Up to where lines of this stream are done with, in bytes from the offset. */
  ahead: number;
}

/** How reading goes on at an offset. */
export interface ResumeState {
  inLine: number;
  /** Bytes behind the offset that were passed over already, and not counted yet. */
  uncountedRestBytes: number;
  /** By `Stdio`; of a file that is no container's, one. */
  readonly streams: readonly StreamResume[];
}

/** The state at the start of a file in which so many streams are mixed. */
export function createResumeState(streamCount: number): ResumeState {
  const streams = Array.from({ length: streamCount }, () => ({ part: 0, group: 0, state: 0, ahead: 0 }));
  return { inLine: InLine.None, uncountedRestBytes: 0, streams };
}

/** The words for the place in a line, by `InLine`. They are also those of `frameLines()`. */
const WORDS = ['line', 'oversize_rest', 'continuation'] as const;

const FORM = /^(line|oversize_rest|continuation)(?: (\d{1,10})((?: [012]\.[012]\.\d{1,5}\.\d{1,10}){1,4}))?$/;

/** Whether the text is a word that a framer gives; what comes from outside is checked by it. */
export function isResumeWord(text: unknown): text is string {
  return typeof text === 'string' && FORM.test(text);
}

/**
 * The state as a word: `line`, or with more behind it, where the streams of the file are in different places.
 *
 * ```
 *  line 0 0.0.0.0 0.2.4.512 0.0.0.0 0.0.0.0
 *       |         part.group.state.ahead of each stream
 *       bytes that are passed over and not counted
 * ```
 */
export function encodeResume({ inLine, uncountedRestBytes, streams }: ResumeState): string {
  const word = WORDS[inLine] ?? 'line';
  const details = streams.map(({ part, group, state, ahead }) => `${part}.${group}.${state}.${ahead}`);
  const isSimple = uncountedRestBytes === 0 && details.every((detail) => detail === '0.0.0.0');
  return isSimple ? word : `${word} ${uncountedRestBytes} ${details.join(' ')}`;
}

/** Reads a word into `state`. One that is none gives the state at the start of a line. */
export function decodeResume(word: string, state: ResumeState): void {
  const match = FORM.exec(word);
  state.inLine = Math.max(0, WORDS.indexOf(match?.[1] as (typeof WORDS)[number]));
  state.uncountedRestBytes = Number(match?.[2] ?? 0);
  const details = match?.[3]?.trim().split(' ') ?? [];
  for (const [index, stream] of state.streams.entries()) {
    const numbers = details[index]?.split('.').map(Number) ?? [];
    stream.part = numbers[0] ?? 0;
    stream.group = numbers[1] ?? 0;
    stream.state = numbers[2] ?? 0;
    stream.ahead = numbers[3] ?? 0;
  }
}
