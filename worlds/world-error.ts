// The one error that a person sees when a world cannot be built or found: what, where, what to do, in one line.

/** A world that cannot be used. The message is a single line for the terminal. */
export class WorldError extends Error {
  override readonly name = "WorldError";
  constructor(message: string, options?: ErrorOptions) {
    super(message.replaceAll(/\s+/g, " "), options);
  }
}
