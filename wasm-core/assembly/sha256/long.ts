// Runs of whole blocks of one message. With SIMD the schedules of four blocks are worked out at once, a block to a lane; the
// rounds, each of which needs the one before it, stay scalar.

import { compress, compressPreparedLane } from "./compress";
import { lanesBlocks } from "./lane-words";
import { lanesPrepare, lanesSchedule } from "./lanes";

/** Takes `count` blocks that lie together into the state. */
export function compressBlocks(state: usize, from: usize, count: u32): void {
  if (ASC_FEATURE_SIMD) {
    for (; count > 3; count -= 4) {
      lanesBlocks(from, from + 64, from + 128, from + 192);
      lanesPrepare();
      for (let lane: usize = 0; lane < 16; lane += 4) compressPreparedLane(state, lanesSchedule + lane);
      from += 256;
    }
  }
  for (; count > 0; count--) {
    compress(state, from);
    from += 64;
  }
}
