/**
 * What the scripts of applications may use; `$LOGS` is the shared volume.
 *
 * - `say` writes a line with the next number; `many N` and `bulk N` write N of them, one by one or at once.
 * - `rotate` renames the log away, so that the next line makes a new one.
 * - `idle` waits for a signal; `on_term '…'` says what happens at SIGTERM, which is nothing but the end otherwise.
 */
const PRELUDE = `
log="$LOGS/app.log"
i=$(cat "$LOGS/../count" 2>/dev/null || cat "$LOGS"/app*.log* 2>/dev/null | wc -l)
r=$(ls "$LOGS"/app.log.* 2>/dev/null | wc -l)
say() { i=$((i + 1)); printf '{"line":%d,"msg":"a line of the application"}\\n' "$i" >> "$log"; }
many() { n=$1; while [ "$n" -gt 0 ]; do say; n=$((n - 1)); done; }
bulk() { seq -f '{"line":%.0f,"msg":"a line of the application"}' $((i + 1)) $((i + $1)) >> "$log"; i=$((i + $1)); }
rotate() { r=$((r + 1)); mv "$log" "$log.$r"; }
idle() { while :; do sleep 1000 > /dev/null 2>&1 & wait $!; done; }
on_term() { trap "$1" TERM; }
`;

/** How long a line is without the digits of its number, with its line end. */
export const LINE_WITHOUT_NUMBER = '{"line":,"msg":"a line of the application"}\n'.length;

/** The command of an application that does what `script` says; `shell` may be a copy of the shell by another name. */
export function application(script: string, shell = '/bin/sh'): string[] {
  return [shell, '-c', `${PRELUDE}\n${script}`];
}
