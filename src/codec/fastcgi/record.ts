/** The one version of the protocol. */
export const VERSION = 1;

/** What a record of FastCGI is. */
export const RecordType = { BeginRequest: 1, EndRequest: 3, Params: 4, Stdin: 5, Stdout: 6, Stderr: 7 } as const;
