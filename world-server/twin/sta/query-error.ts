// A request of the SensorThings API that cannot be answered: 400 when it is malformed, 404 when the thing is not there.

export class QueryError extends Error {
  override readonly name = "QueryError";
  readonly status: 400 | 404;

  constructor(status: 400 | 404, message: string) {
    super(message);
    this.status = status;
  }
}

/** Part of a request as it may be shown in a message. */
export function quoted(text: string): string {
  return `"${text.slice(0, 60)}"`;
}
