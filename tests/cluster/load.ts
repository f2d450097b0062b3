// Citizens who register over whichever validator answers, one after the other in several lanes. What a validator has acknowledged
// (`?wait=commit`) must be on every validator for good, at the same place.

import { person } from "../../ledger/consensus/test-chain.ts";
import { transactionBytes } from "../../ledger/protocol/transaction.ts";
import { type Cluster, type ClusterNode, until } from "./cluster.ts";

const lanes = 4;
const pauseMs = 50;
const expiresAfter = 500;

export interface Acknowledged {
  readonly id: string;
  readonly account: string;
  readonly height: number;
}

export class Load {
  acknowledged: Acknowledged[] = [];
  /** Refusals that are no wait, no full mempool: there must be none. */
  readonly unexpected: string[] = [];
  readonly #cluster: Cluster;
  #made = 0;
  #stopped = false;
  #working: Promise<unknown> | null = null;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  start(): void {
    this.#working = Promise.all(Array.from({ length: lanes }, (_, lane) => this.#lane(lane)));
  }

  /** No more are sent; those under way are given up. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#working;
  }

  /** Waits until so many more are acknowledged. */
  async more(count: number): Promise<void> {
    const wanted = this.acknowledged.length + count;
    await until(`${wanted} acknowledged transactions`, async () => this.acknowledged.length >= wanted);
  }

  /** Throws when anything that was acknowledged up to a height is missing or stands elsewhere on one of these, which all show that height. */
  async mustBeOn(nodes: readonly ClusterNode[], upTo: number): Promise<void> {
    for (const { id, height, account } of this.acknowledged.filter((each) => each.height <= upTo))
      for (const node of nodes) {
        const found = await node.get<{ height: number; code: number }>(`/v1/transactions/${id}`);
        if (found.height !== height || found.code !== 0)
          throw new Error(
            `${node.folder.name}: ${account} was acknowledged at ${height}, but is ${JSON.stringify(found)}`,
          );
      }
  }

  /** A node that joined late does not hold what stands below. */
  forgetBelow(height: number): void {
    this.acknowledged = this.acknowledged.filter((each) => each.height >= height);
  }

  async #lane(lane: number): Promise<void> {
    const { nodes, chain } = this.#cluster;
    while (!this.#stopped) {
      const who = person();
      const number = this.#made++;
      const height = await this.#cluster.newest();
      if (height === 0) {
        await pause();
        continue;
      }
      const message = { type: "accounts/register", by: who.id, name: `Citizen ${number}`, key: who.key } as const;
      const bytes = transactionBytes(await who.sign(chain, height + expiresAfter, [message]));
      // The same bytes to one after the other, until one says where they stand.
      for (let at = lane; !this.#stopped; at++) {
        const outcome = await this.#send(nodes[at % nodes.length]!, bytes);
        if (outcome !== null) {
          if ("height" in outcome) this.acknowledged.push({ id: outcome.id, account: who.id, height: outcome.height });
          else this.unexpected.push(outcome.refusal);
          break;
        }
        await pause();
      }
    }
  }

  /** Where it stands, why it is refused for good, or null: ask again. */
  async #send(
    node: ClusterNode,
    bytes: Uint8Array<ArrayBuffer>,
  ): Promise<{ id: string; height: number } | { refusal: string } | null> {
    try {
      const answer = await fetch(`${node.api}/v1/transactions?wait=commit`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: bytes,
        signal: AbortSignal.timeout(15_000),
      });
      const body = (await answer.json()) as {
        id?: string;
        height?: number;
        code?: number;
        refusal?: string;
        params?: Readonly<Record<string, unknown>>;
      };
      if (answer.status === 200 && body.code === 0 && body.height !== undefined)
        return { id: body.id!, height: body.height };
      if (answer.status >= 500 || answer.status === 429 || answer.status === 202) return null;
      // Another took it before, and it stands in a block.
      const { id, height } = body.params ?? {};
      if (body.refusal === "transaction_must_not_be_repeated" && typeof height === "number")
        return { id: String(id), height };
      return { refusal: `${answer.status} ${JSON.stringify(body)}` };
    } catch {
      return null;
    }
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, pauseMs));
}
