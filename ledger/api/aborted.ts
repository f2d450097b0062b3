// A caller who hangs up in the middle of a request: an edge, not a fault of ours, and nothing that anyone should be able to fill
// the log with.

/** Whether an error says that the connection ended before the request did. */
export function isAborted(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === "ECONNRESET";
}
