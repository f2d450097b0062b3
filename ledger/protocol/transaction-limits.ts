// Limits of transactions, for code that needs no more of them.

export const transactionBytesMax = 65_536;
export const messagesMax = 100;
export const authorisationsMax = 8;
/** A transaction may expire at most this many blocks ahead; ids are remembered until then. */
export const expiryBlocksMax = 600;
