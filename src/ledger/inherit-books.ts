/**
 * The books of one reader for another that goes on in its place: with the routes alone that lead to its `sinks`. Where
 * none does, what was read was for others: undefined, the books begin anew. `stored`: what the last life left.
 */
export function inheritBooks(stored: unknown, sinks: readonly string[]): unknown {
  const { streams, finished } = toObject(stored);
  let isForThem = false;
  const restrict = (columns: unknown): unknown => {
    const { routes, ...others } = toObject(columns);
    const kept = Object.entries(toObject(routes)).filter(([route]) => sinks.includes(route.replace(/^.*\//, '')));
    if (kept.length > 0) isForThem = true;
    return { ...others, routes: Object.fromEntries(kept) };
  };
  const ofStreams = Object.entries(toObject(streams)).map(([id, value]) => {
    const account = toObject(value);
    return [id, { ...account, settled: restrict(account['settled']) }];
  });
  const sums = toObject(finished);
  const books = {
    streams: Object.fromEntries(ofStreams) as unknown,
    finished: { ...sums, columns: restrict(sums['columns']) },
  };
  return isForThem ? books : undefined;
}

function toObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
