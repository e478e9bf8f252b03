/** Pairs that were read, or why the whole list is refused. */
export type Pairs =
  | { readonly ok: true; readonly pairs: ReadonlyMap<string, string> }
  | { readonly ok: false; readonly message: string; readonly hint: string };

/**
 * Reads `key1=value1,key2=value2`, the form in which OpenTelemetry's variables hold headers and attributes: W3C Baggage
 * without properties. Keys and values are percent-decoded; white space around them and empty items are passed over; of
 * equal keys the last one wins. The message never shows a value: headers hold secrets.
 *
 * (OpenTelemetry specification, protocol/exporter.md "Specifying headers via environment variables", resource/sdk.md
 * "Specifying resource information via an environment variable": an error discards the whole list.)
 */
export function parsePairs(text: string): Pairs {
  const pairs = new Map<string, string>();
  for (const [i, item] of text.split(',').entries()) {
    if (item.trim() === '') continue;
    const equals = item.indexOf('=');
    const hint = 'The form is key1=value1,key2=value2; inside a value "," is written as %2C and "%" as %25';
    if (equals === -1) return { ok: false, message: `Item ${i + 1} of the list has no "="`, hint };
    const key = percentDecode(item.slice(0, equals).trim());
    const value = percentDecode(item.slice(equals + 1).trim());
    if (!key) return { ok: false, message: `Item ${i + 1} of the list has no key that can be read`, hint };
    if (value === undefined)
      return { ok: false, message: `The value of "${key}" has a "%" that encodes nothing`, hint };
    pairs.set(key, value);
  }
  return { ok: true, pairs };
}

function percentDecode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
