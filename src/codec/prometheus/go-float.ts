/**
 * A number as Go writes it, with `%g` and the fewest digits: that is the canonical form of `le` and `quantile`
 * (`0.005`, `2.5`, `1e+06`, `+Inf`).
 */
export function goFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (value === 0) return '0';
  const [digits = '', exponentText = ''] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < 6) return String(value);
  return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** The same as OpenMetrics writes it: with a point where there would be neither one nor an exponent. */
export function openMetricsFloat(value: number): string {
  const text = goFloat(value);
  return /^-?[0-9]+$/.test(text) ? `${text}.0` : text;
}
