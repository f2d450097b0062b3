// GET /v1/light-blocks: what the ledger and its light client agree on.

/** CometBFT's protobuf LightBlock; of a range each with its length, an unsigned varint, before it. */
export const lightBlockType = "application/x-protobuf";

/** Most heights of one range. */
export const lightBlockRangeMax = 100;
