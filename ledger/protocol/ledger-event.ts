// What a transaction or a block's end tells.

/** An event of a transaction or of a block's end. `type` is `<module>/<what>`. */
export interface LedgerEvent {
  readonly type: string;
  readonly attributes: Readonly<Record<string, string>>;
}
