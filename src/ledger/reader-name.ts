/** How the reader of a source is called that reads for one sink alone; no configured name holds a slash. */
export function readerName(source: string, sink: string): string {
  return `${source}/${sink}`;
}

/** The source of a reader; one that has a single reader is called as that. */
export function sourceOfReader(reader: string): string {
  return reader.split('/', 1)[0]!;
}

/** The sink that a reader reads for; undefined: all sinks of its source. */
export function sinkOfReader(reader: string): string | undefined {
  return reader.split('/')[1];
}
