/** What went over one network interface since it is there. */
export interface NetworkIo {
  readonly name: string;
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

/** Reads `/proc/net/dev`. The containers of a pod share these interfaces; the loopback is left out. */
export function parseNetwork(text: string | undefined): NetworkIo[] {
  return (text ?? '').split('\n').flatMap((line) => {
    const [, name, numbers = ''] = /^\s*(\S+):\s*(.*)$/.exec(line) ?? [];
    const fields = numbers.trim().split(/\s+/).map(Number);
    if (name === undefined || name === 'lo' || fields.length < 9 || fields.some(Number.isNaN)) return [];
    return [{ name, receivedBytes: fields[0]!, sentBytes: fields[8]! }];
  });
}
