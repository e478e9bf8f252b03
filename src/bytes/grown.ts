type Column = Int32Array | Uint32Array | Uint8Array | Float64Array;

/** `into`, a larger column, with what is in `from` at its beginning. */
export function grown<Into extends Column>(from: Into, into: Into): Into {
  into.set(from);
  return into;
}
