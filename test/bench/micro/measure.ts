const ROUNDS = 7;

/** Prints the nanoseconds that `run` takes for each of its `records`: the median of a few rounds, after one to warm up. */
export function measure(name: string, records: number, run: () => void): void {
  const rounds: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const startNs = process.hrtime.bigint();
    run();
    if (round > 0) rounds.push(Number(process.hrtime.bigint() - startNs) / records);
  }
  rounds.sort((a, b) => a - b);
  process.stdout.write(`${name.padEnd(44)} ${rounds[(ROUNDS - 1) / 2]!.toFixed(1).padStart(7)} ns per record\n`);
}
