// What callers accept and what they send (RFC 9110 §12.5.1, §15.5.7, §15.5.16): 406 and 415 where due.

import { problem } from "./problems.ts";

/** Longer ones are nobody's honest wish. */
const rangesMax = 32;

/** @throws {ProblemError} 406 when none of the media types is acceptable. */
export function mustAccept(accept: string | undefined, types: readonly string[]): void {
  if (accept === undefined || accept.trim() === "" || accept.trim() === "*/*") return;
  const ranges = accept
    .split(",")
    .slice(0, rangesMax)
    .map((range) => {
      const [type = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
      return { type, refused: parameters.some((parameter) => /^q=0(?:\.0{0,3})?$/.test(parameter)) };
    });
  const acceptable = types.some((type) => {
    // The most specific range that fits decides.
    const fitting = [type, `${type.slice(0, type.indexOf("/"))}/*`, "*/*"].map((wanted) =>
      ranges.find((range) => range.type === wanted),
    );
    const decisive = fitting.find((range) => range !== undefined);
    return decisive !== undefined && !decisive.refused;
  });
  if (!acceptable) throw problem(406, `here there is only ${types.join(" or ")}`);
}

/** @throws {ProblemError} 415 for a body that says it is not plain JSON. A body that says nothing is taken for JSON. */
export function mustBeJson(contentType: string | undefined, contentEncoding: string | undefined): void {
  const type = contentType?.split(";")[0]?.trim().toLowerCase() ?? "";
  if (type !== "" && type !== "application/json" && !/^application\/[a-z0-9.+-]+\+json$/.test(type))
    throw problem(415, `a body of type ${type.slice(0, 100)} cannot be read`, { accept: "application/json" });
  if (contentEncoding !== undefined && contentEncoding.trim().toLowerCase() !== "identity")
    throw problem(415, "compressed bodies cannot be read", { "accept-encoding": "identity" });
}
