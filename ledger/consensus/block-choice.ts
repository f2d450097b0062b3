// Which waiting transactions enter the next block, and in which order: all anchors, then services on at most half of what is left,
// newcomers on a tenth of the block, citizens; what is left over goes to services and newcomers again. So no lane stops another.

import type { Lane } from "../modules/application.ts";
import { transactionFramingBytes } from "./block-building.ts";
import type { Mempool, PendingTransaction } from "./mempool.ts";

export interface BlockRoom {
  readonly transactions: number;
  readonly bytes: number;
  readonly registrations: number;
}

export function chooseTransactions(mempool: Mempool, room: BlockRoom): readonly PendingTransaction[] {
  const chosen: PendingTransaction[] = [];
  const left = { ...room };
  const waiting = new Map<Lane, Generator<PendingTransaction>>();
  /** What came and did not fit any more; it stays first of its lane. */
  const heads = new Map<Lane, PendingTransaction>();

  function next(lane: Lane): PendingTransaction | undefined {
    const head = heads.get(lane);
    if (head !== undefined) return head;
    const queue = waiting.get(lane) ?? walk(mempool.inLane(lane));
    waiting.set(lane, queue);
    const { value } = queue.next();
    if (value !== undefined) heads.set(lane, value);
    return value;
  }

  /** Takes from a lane until it is empty, or the next does not fit into what the lane may have. */
  function takeFrom(lane: Lane, transactionsMax: number, bytesMax: number): void {
    let transactions = Math.min(transactionsMax, left.transactions);
    let bytes = Math.min(bytesMax, left.bytes);
    for (let pending = next(lane); pending !== undefined; pending = next(lane)) {
      const size = pending.bytes.length + transactionFramingBytes;
      if (transactions < 1 || size > bytes) return;
      heads.delete(lane);
      // It waits for a block with room for registrations; those behind it may not need any.
      if (pending.registrations > left.registrations) continue;
      chosen.push(pending);
      transactions--;
      bytes -= size;
      left.transactions--;
      left.bytes -= size;
      left.registrations -= pending.registrations;
    }
  }

  takeFrom("anchor", left.transactions, left.bytes);
  takeFrom("service", left.transactions >> 1, left.bytes >> 1);
  takeFrom("newcomer", Math.ceil(room.transactions / 10), Math.ceil(room.bytes / 10));
  takeFrom("citizen", left.transactions, left.bytes);
  takeFrom("service", left.transactions, left.bytes);
  takeFrom("newcomer", left.transactions, left.bytes);
  return chosen;
}

function* walk(queue: Iterable<PendingTransaction>): Generator<PendingTransaction> {
  yield* queue;
}
