/** How the route from a pipeline to one of its sinks is called; no name holds a slash. */
export function routeName(pipeline: string, sink: string): string {
  return `${pipeline}/${sink}`;
}
