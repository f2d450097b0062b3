// Results of a block's transactions: what of them is deterministic, as leaves (CometBFT v0.38, types/results.go:
// ExecTxResult {code 1, data 2, gas_wanted 5, gas_used 6}).

import { leafBegin } from "../merkle/hashes";
import { merklePush, merkleSlot } from "../merkle/root";
import { sha256Finish, sha256Update } from "../sha256/digest";
import { writeBegin, writeByte, writeEnd, writeVarint, writeVarintField } from "./proto";
import { recordFinished, recordSound, takeI64, takeLongBytes, takeU32, takenLength } from "./record";

/** Code, and tag and length of the data; then both amounts of gas. */
const scratch: usize = memory.data(32, 16);

/** Takes `count` records of code u32, gas wanted and used i64, and data into the tree under way. */
export function takeResults(count: u32): bool {
  for (let i: u32 = 0; i < count; i++) {
    const code = takeU32();
    const wanted = takeI64();
    const used = takeI64();
    const data = takeLongBytes();
    const length = takenLength;
    if (!recordSound) return false;
    leafBegin();
    writeBegin(scratch);
    writeVarintField(1, code);
    if (length > 0) {
      writeByte(0x12);
      writeVarint(length);
    }
    sha256Update(scratch, <u32>(writeEnd() - scratch));
    sha256Update(data, length);
    writeBegin(scratch);
    writeVarintField(5, <u64>wanted);
    writeVarintField(6, <u64>used);
    sha256Update(scratch, <u32>(writeEnd() - scratch));
    sha256Finish(merkleSlot());
    merklePush();
  }
  return recordFinished();
}
