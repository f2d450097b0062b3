// The index of proposals by expiry: state `validators/expiry/<time, 16 digits>/<proposal>`, so that names sort by time.

export const expiryPrefix = "validators/expiry/";
const timeDigits = 16;

/** The time in a name of the index. @throws {Error} when there is none: a bug. */
export function expiryIn(name: string): number {
  const digits = name.slice(expiryPrefix.length, expiryPrefix.length + timeDigits);
  if (!/^[0-9]{16}$/.test(digits)) throw new Error(`${name} has no expiry time`);
  return Number(digits);
}

/** The proposal in a name of the index. */
export function proposalIn(name: string): string {
  return name.slice(expiryPrefix.length + timeDigits + 1);
}
