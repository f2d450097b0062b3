// Entry of a build that the tests make for themselves: the arithmetic below the ed25519 module's exports.

export { decodeNegated } from "./decode";
export { writeDigits } from "./digits";
export { fromBytes, isZero, signOf } from "./encoding";
export { multiply, square, subtract, sum } from "./field";
export { pointsMax, pointsStart, reserveInput } from "./memory";
export { checkMany, checkSingle } from "./multiply";
export { addCached, doublePoint, isIdentity, toCached } from "./point";
export { prepare } from "./tables";
