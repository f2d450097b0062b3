// Whole numbers in addresses: decimal digits in the one form that each number has. JavaScript's own reading also takes 0x1, 1e0, +1,
// 01, blanks and nothing at all, so that one thing would have many addresses and a slip of the pen would be an answer.

import { z } from "zod";

/** At most 16 digits, as many as a safe integer has. */
export const wholeNumber = (min: number, max: number = Number.MAX_SAFE_INTEGER) =>
  z
    .string()
    .regex(/^(0|[1-9][0-9]{0,15})$/, "is no whole number in decimal digits")
    .transform(Number)
    .pipe(z.number().int().min(min).max(max));
