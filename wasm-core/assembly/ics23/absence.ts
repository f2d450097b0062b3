// ICS-23 absence: that the paths of the key's neighbours leave no room between them, or beyond the outermost leaf.

import { bytesEqual } from "../memory";
import { stepBytes } from "./read";

/** True when `a` sorts before `b`. */
export function sortsBefore(a: usize, aLength: u32, b: usize, bLength: u32): bool {
  const order = memory.compare(a, b, min<u32>(aLength, bLength));
  return order < 0 || (order == 0 && aLength < bLength);
}

/** True when all the steps have their sibling on the given side: 1 left, 0 right. */
export function allOn(steps: usize, count: u32, side: u32): bool {
  for (let i: u32 = 0; i < count; i++) if (load<u32>(steps + i * stepBytes, 4) != side) return false;
  return true;
}

/** From the root down: equal steps, then the two sides of one node, then only right, or only left, children. */
export function areNeighbours(leftSteps: usize, leftCount: u32, rightSteps: usize, rightCount: u32): bool {
  while (leftCount > 0 && rightCount > 0) {
    const left = leftSteps + --leftCount * stepBytes;
    const right = rightSteps + --rightCount * stepBytes;
    const leftSide = load<u32>(left, 4);
    const rightSide = load<u32>(right, 4);
    if (leftSide == rightSide && bytesEqual(load<u32>(left), load<u32>(right), 32)) continue;
    return leftSide == 0 && rightSide == 1 && allOn(leftSteps, leftCount, 1) && allOn(rightSteps, rightCount, 0);
  }
  return false;
}
