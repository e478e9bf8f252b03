import type { EscapingScheme } from './names.ts';

/** A format in which metrics are exposed. */
export interface ExpositionFormat {
  readonly kind: 'text' | 'openmetrics' | 'protobuf';
  /** As the peer named it; of protobuf empty. */
  readonly version: string;
  readonly escaping: EscapingScheme;
}

const PROTOBUF_TYPE = 'application/vnd.google.protobuf';
const MESSAGE = 'io.prometheus.client.MetricFamily';

const ESCAPINGS: ReadonlySet<string> = new Set<EscapingScheme>(['allow-utf-8', 'underscores', 'dots', 'values']);

/** The `content-type` of a format. */
export function contentTypeOf({ kind, version, escaping }: ExpositionFormat): string {
  switch (kind) {
    case 'text':
      return `text/plain; version=${version}; charset=utf-8; escaping=${escaping}`;
    case 'openmetrics':
      return `application/openmetrics-text; version=${version}; charset=utf-8; escaping=${escaping}`;
    case 'protobuf':
      return `${PROTOBUF_TYPE}; proto=${MESSAGE}; encoding=delimited; escaping=${escaping}`;
    default:
      return kind satisfies never;
  }
}

/**
 * The format that an `accept` header asks for first: of those with the highest quality the one that it names first. Text
 * 0.0.4 when it asks for nothing that there is: a peer that is unclear gets what every one can read.
 */
export function negotiateFormat(accept: string | undefined): ExpositionFormat {
  let best: ExpositionFormat = { kind: 'text', version: '0.0.4', escaping: 'underscores' };
  let bestQuality = 0;
  for (const part of splitList(accept ?? '')) {
    const range = parseMediaType(part);
    const quality = qualityOf(range);
    const format = quality > bestQuality ? formatOf(range) : undefined;
    if (format !== undefined) {
      best = format;
      bestQuality = quality;
    }
  }
  return best;
}

/** The format that a `content-type` names; undefined: none of those that are read. */
export function formatOfContentType(contentType: string): Pick<ExpositionFormat, 'kind'> | undefined {
  const { type, parameters } = parseMediaType(contentType);
  if (type === 'application/openmetrics-text') return { kind: 'openmetrics' };
  if (type === PROTOBUF_TYPE) return parameters.get('encoding') === 'delimited' ? { kind: 'protobuf' } : undefined;
  // Much that exposes metrics says no more than that it is text, or nothing at all.
  return type === 'text/plain' || type === '' ? { kind: 'text' } : undefined;
}

/** An `accept` header for these formats, the first of them wanted most. */
export function acceptHeader(kinds: readonly ExpositionFormat['kind'][]): string {
  const ranges: Record<ExpositionFormat['kind'], string[]> = {
    protobuf: [`${PROTOBUF_TYPE};proto=${MESSAGE};encoding=delimited`],
    openmetrics: [
      'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8',
      'application/openmetrics-text;version=0.0.1',
    ],
    text: ['text/plain;version=1.0.0;escaping=allow-utf-8', 'text/plain;version=0.0.4'],
  };
  const wanted = kinds.flatMap((kind) => ranges[kind]);
  const listed = wanted.map((range, i) => `${range};q=0.${9 - i}`);
  return [...listed, '*/*;q=0.1'].join(',');
}

interface MediaType {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

function formatOf({ type, parameters }: MediaType): ExpositionFormat | undefined {
  const version = parameters.get('version');
  const asked = parameters.get('escaping') ?? '';
  const escaping = isEscaping(asked) ? asked : 'underscores';
  switch (type) {
    case 'application/openmetrics-text':
      if (version !== undefined && version !== '1.0.0' && version !== '0.0.1') return undefined;
      return { kind: 'openmetrics', version: version ?? '1.0.0', escaping };
    case PROTOBUF_TYPE: {
      const isKnown = (parameters.get('proto') ?? MESSAGE) === MESSAGE && parameters.get('encoding') === 'delimited';
      return isKnown ? { kind: 'protobuf', version: '', escaping } : undefined;
    }
    case 'text/plain':
      if (version !== undefined && version !== '1.0.0' && version !== '0.0.4') return undefined;
      return { kind: 'text', version: version ?? '0.0.4', escaping };
    case 'text/*':
    case '*/*':
      return { kind: 'text', version: '0.0.4', escaping };
    default:
      return undefined;
  }
}

function isEscaping(text: string): text is EscapingScheme {
  return ESCAPINGS.has(text);
}

/** Between 0 and 1; what is no quality counts as none said. */
function qualityOf({ parameters }: MediaType): number {
  const quality = Number(parameters.get('q') ?? 1);
  return quality >= 0 && quality <= 1 ? quality : 1;
}

function parseMediaType(text: string): MediaType {
  const [type = '', ...pairs] = text.split(';');
  const parameters = new Map<string, string>();
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at > 0) parameters.set(pair.slice(0, at).trim().toLowerCase(), unquoted(pair.slice(at + 1).trim()));
  }
  return { type: type.trim().toLowerCase(), parameters };
}

function unquoted(text: string): string {
  return text.startsWith('"') && text.endsWith('"') && text.length > 1 ? text.slice(1, -1) : text;
}

/** The members of a list in a header; at most as many as anybody sends. */
function splitList(header: string): string[] {
  return header.split(',', 50);
}
