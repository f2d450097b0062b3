// What assembly/core.ts exports, as the engine sees it: pointers and lengths are numbers, truth is 0 or 1.

export interface CoreExports {
  readonly memory: WebAssembly.Memory & { readonly buffer: ArrayBuffer };
  readonly reserveInput: (length: number) => number;
  readonly outputStart: () => number;
  readonly digestBegin: (leaf: number) => void;
  readonly digestUpdate: (from: number, length: number) => void;
  readonly digestFinish: () => void;
  readonly innerHash: (from: number) => void;
  readonly treeBegin: () => void;
  readonly treeLeaves: (from: number, length: number) => number;
  readonly treeHashes: (from: number, count: number) => void;
  readonly treeDigest: () => void;
  readonly treeFinish: () => void;
  readonly treeCommitSignatures: (from: number, length: number, count: number) => number;
  readonly treeValidators: (from: number, length: number, count: number) => number;
  readonly verifyInclusion: (from: number, index: number, size: number, count: number) => number;
  readonly verifyConsistency: (from: number, size1: number, size2: number, count: number) => number;
  readonly headerHash: (from: number, length: number) => number;
  readonly consensusHash: (from: number, length: number) => number;
  readonly voteSignBytes: (from: number, length: number) => number;
  readonly verifyMembership: (from: number, keyLength: number, valueLength: number, proofLength: number) => number;
  readonly verifyNonMembership: (from: number, keyLength: number, proofLength: number) => number;
}

const functionNames = [
  "reserveInput",
  "outputStart",
  "digestBegin",
  "digestUpdate",
  "digestFinish",
  "innerHash",
  "treeBegin",
  "treeLeaves",
  "treeHashes",
  "treeDigest",
  "treeFinish",
  "treeCommitSignatures",
  "treeValidators",
  "verifyInclusion",
  "verifyConsistency",
  "headerHash",
  "consensusHash",
  "voteSignBytes",
  "verifyMembership",
  "verifyNonMembership",
] as const satisfies readonly (keyof CoreExports)[];

/** The instance's exports. @throws {TypeError} when it is not the core. */
export function coreExports(instance: WebAssembly.Instance): CoreExports {
  for (const name of functionNames) {
    if (typeof instance.exports[name] !== "function") throw new TypeError(`the core does not export ${name}`);
  }
  if (!(instance.exports["memory"] instanceof WebAssembly.Memory)) throw new TypeError("the core exports no memory");
  return instance.exports as unknown as CoreExports;
}
