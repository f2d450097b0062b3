// What the soak runs beside its targets: a whole process or chain under load, in one thread, that says itself what it did.

export interface SoakProgram {
  /** `ledger/<what>`. */
  readonly name: string;
  /** Units of a full run: transactions, requests, kills, virtual minutes. */
  readonly units: number;
  /** Runs and answers a line on what came of it. @throws when something does not hold; the message says how to see it again. */
  run(options: {
    readonly seed: number;
    readonly units: number;
    readonly progress: (done: number) => void;
  }): Promise<string>;
}
