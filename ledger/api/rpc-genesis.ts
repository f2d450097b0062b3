// The genesis document as CometBFT hands it out: whole, or in chunks of 16 MiB once it is larger than one (rpc/core/net.go).

import type { GenesisDocument } from "../consensus/genesis.ts";
import { utf8 } from "../protocol/bytes.ts";
import { toBase64 } from "../protocol/comet.ts";
import { methodFailed } from "./rpc-error.ts";

const chunkBytes = 16 * 1_048_576;

export class GenesisChunks {
  readonly #document: GenesisDocument;
  readonly #chunkBytes: number;
  #bytes: Uint8Array | null = null;

  constructor(document: GenesisDocument, bytesOfChunk = chunkBytes) {
    this.#document = document;
    this.#chunkBytes = bytesOfChunk;
  }

  whole(): GenesisDocument {
    if (this.#total() > 1) throw methodFailed("genesis response is large, please use the genesis_chunked API instead");
    return this.#document;
  }

  chunk(index: number): { readonly chunk: string; readonly total: string; readonly data: string } {
    const total = this.#total();
    if (index < 0 || index >= total) throw methodFailed(`there are ${total - 1} chunks, ${index} is invalid`);
    const data = this.#json().subarray(index * this.#chunkBytes, (index + 1) * this.#chunkBytes);
    return { chunk: String(index), total: String(total), data: toBase64(data) };
  }

  #total(): number {
    return Math.ceil(this.#json().length / this.#chunkBytes);
  }

  /** Made at first use. */
  #json(): Uint8Array {
    this.#bytes ??= utf8(JSON.stringify(this.#document));
    return this.#bytes;
  }
}
