// How one WebSocket client is told of blocks: those after its subscriptions began, one after the other, each read when the client has
// taken the ones before. While it takes nothing it holds the block that it is told of, or none where there is no room.

import type { BlockMessages, EventFeed } from "./rpc-event-messages.ts";
import type { UnsentRoom } from "./unsent-room.ts";
import type { WebSocketLimits } from "./websocket-limits.ts";
import type { Outlet } from "./websocket-outlet.ts";
import type { Subscriptions } from "./websocket-subscriptions.ts";

/** A block with more messages is matched against one query at a time, and then it is others' turn. */
const matchesAtOnce = 500;

export interface EventSurroundings<Client extends object> {
  readonly feed: Pick<EventFeed, "at">;
  readonly limits: WebSocketLimits;
  /** Where what waits to be sent over all connections is counted. */
  readonly room: UnsentRoom<Client>;
  /** Height of the newest block. */
  height(): number;
}

/** A subscription's events of one block. */
interface Wanted {
  /** How each begins. */
  readonly head: Buffer;
  /** For each message of the block 1 if it is wanted. */
  readonly matching: Uint8Array;
}

export class EventTeller<Client extends object> {
  readonly #client: Client;
  readonly #subscriptions: Subscriptions;
  readonly #outlet: Outlet<Client>;
  readonly #around: EventSurroundings<Client>;
  #telling = false;
  /** Height of the next block to tell. */
  #next = 0;

  /** There are no subscriptions any more when the connection ends. */
  constructor(client: Client, subscriptions: Subscriptions, outlet: Outlet<Client>, around: EventSurroundings<Client>) {
    this.#client = client;
    this.#subscriptions = subscriptions;
    this.#outlet = outlet;
    this.#around = around;
  }

  /** How many blocks there are that have not been told to the end. */
  get blocksBehind(): number {
    return this.#around.height() - this.#next + 1;
  }

  beginAfter(height: number): void {
    this.#next = height + 1;
  }

  /** Tells what there is, waiting whenever the client does not keep up. A block that is not kept any more ends it. */
  async tell(): Promise<"told" | "pruned"> {
    if (this.#telling) return "told";
    this.#telling = true;
    const { feed, height, room } = this.#around;
    try {
      while (this.#subscriptions.size > 0 && this.#next <= height()) {
        const next = this.#next;
        const block = await feed.at(next);
        if (block === null) return "pruned";
        const wait = room.forEvents(block);
        if (wait !== null) {
          // Not to hold what there is no room for, it is asked for again.
          await wait;
          continue;
        }
        const release = room.hold(this.#client, block);
        try {
          await this.#tellBlock(next, block);
        } finally {
          release();
        }
        // A subscription that began anew in the meantime is ahead already.
        this.#next = Math.max(this.#next, next + 1);
      }
      return "told";
    } finally {
      this.#telling = false;
    }
  }

  async #tellBlock(height: number, block: BlockMessages): Promise<void> {
    let wanted: readonly Wanted[] = [];
    let changes = -1;
    for (let index = 0; index < block.messages.length; index++) {
      while (this.#subscriptions.changes !== changes) {
        changes = this.#subscriptions.changes;
        wanted = await this.#wantedOf(height, block);
      }
      for (const { head, matching } of wanted)
        if (matching[index] === 1) this.#outlet.event(block, head, block.tail(index));
      if (!this.#outlet.hasGathered) continue;
      await this.#flush();
      await turnOfOthers();
    }
    await this.#flush();
  }

  async #wantedOf(height: number, block: BlockMessages): Promise<readonly Wanted[]> {
    const wanted: Wanted[] = [];
    for (const { text, matches, after, head } of this.#subscriptions.values()) {
      if (height <= after) continue;
      if (block.messages.length > matchesAtOnce && !block.isMatched(text)) await turnOfOthers();
      wanted.push({ head, matching: block.matching(text, matches) });
    }
    return wanted;
  }

  /** Hands over what was gathered, and waits until the client has taken enough of it. */
  async #flush(): Promise<void> {
    const sent = this.#outlet.flush();
    const { unsentBytesMax, ownUnsentBytesMax } = this.#around.limits;
    const { unsentBytes, ownUnsentBytes } = this.#outlet;
    if (unsentBytes > unsentBytesMax || ownUnsentBytes > ownUnsentBytesMax) await sent;
  }
}

function turnOfOthers(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
