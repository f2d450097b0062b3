// RFC 6962 roots of large trees, hashed by several workers: each takes subtrees of 2^k leaves into a core of its own, and the
// caller joins their roots. Nothing here knows what a worker is made of: parallel-node.ts and parallel-browser.ts do.
// Limits: 8 workers, 64 trees under way, 64 KiB a leaf; a subtree takes 64 KiB to 4 MiB, one a worker at a time.

import type { Core } from "./core.ts";

/** What a worker is asked: the root of packed leaves. */
export interface HashingTask {
  readonly leaves: Uint8Array;
  readonly leafBytes: number;
}

export type HashingAnswer = { readonly root: Uint8Array<ArrayBuffer> } | { readonly failure: string };

export interface HashingWorker {
  /** Sends a task; the buffers of `transfer` are moved. Every task is answered in turn, or the worker ends. */
  post(task: HashingTask, transfer: readonly ArrayBuffer[]): void;
  /** Ends it at once. Reports nothing any more. */
  terminate(): void;
}

export interface HashingWorkerEvents {
  answered(answer: HashingAnswer): void;
  /** It ended by itself, or could not begin. */
  ended(reason: string): void;
}

export type SpawnHashingWorker = (events: HashingWorkerEvents) => HashingWorker;

/** Why a tree was not hashed: its worker failed or ended, the pool is full or was closed. */
export class ParallelHashingFailed extends Error {
  override readonly name = "ParallelHashingFailed";
}

export const threadsMax = 8;
const treesMax = 64;
const leafBytesMax = 65_536;
const subtreeBytesMin = 65_536;
const subtreeBytesMax = 4 << 20;
/** Subtrees a thread, so that none waits long for the slowest. */
const subtreesPerThread = 4;

/** A tree under way. Its subtrees are cut off when a worker is free for them. */
interface Tree {
  readonly leaves: Uint8Array;
  /** Bytes of leaves at the beginning: the caller may have resized or moved their buffer since. */
  readonly length: number;
  readonly leafBytes: number;
  readonly subtreeBytes: number;
  readonly roots: Uint8Array[];
  /** Bytes that no worker has taken yet begin here. */
  next: number;
  missing: number;
  readonly settle: (outcome: Uint8Array<ArrayBuffer> | { readonly error: unknown }) => void;
}

interface Member {
  readonly worker: HashingWorker;
  /** The one subtree that it hashes; its tree may have been given up since. */
  task: { readonly tree: Tree; readonly index: number } | null;
}

/** Room for leaves that workers read where it lies: shared memory, where the page is isolated across origins and in Node. */
export function leavesRoom(bytes: number): Uint8Array {
  return new Uint8Array(
    typeof SharedArrayBuffer === "undefined" ? new ArrayBuffer(bytes) : new SharedArrayBuffer(bytes),
  );
}

/** At least one and at most eight: one for each processor that the platform tells of, unless another number is asked for. */
export function threadsFor(processors: number, asked = processors): number {
  return Math.max(1, Math.min(threadsMax, Math.floor(asked) || 1));
}

type JoiningCore = Pick<Core, "merkleRootOfHashes">;
type LoadJoiningCore = () => JoiningCore | Promise<JoiningCore>;

/** Workers are started when there is work for them and stay until the pool is closed. */
export class HashingPool {
  readonly threads: number;
  readonly #loadCore: LoadJoiningCore;
  readonly #spawn: SpawnHashingWorker;
  readonly #members = new Set<Member>();
  readonly #trees = new Set<Tree>();
  #closed = false;

  /** @param loadCore answers the core that joins the subtrees' roots; asked for each tree, since one that trapped is replaced. */
  constructor(loadCore: LoadJoiningCore, spawn: SpawnHashingWorker, threads: number) {
    this.#loadCore = loadCore;
    this.#spawn = spawn;
    this.threads = threadsFor(threads);
  }

  /**
   * RFC 6962 root of leaves of `leafBytes` bytes each. Leaves in shared memory (`leavesRoom`) are read by the workers where they
   * lie; others are copied, subtree by subtree, and the copies moved to the workers. Neither may change before the root is there.
   * @throws {RangeError} for leaves of no or more than 65,536 bytes, or a last leaf that is not whole.
   * @throws {ParallelHashingFailed} when a worker fails or ends, when 64 trees are under way, when the pool is closed, and when
   * the leaves' buffer is resized or moved away meanwhile.
   * @throws the signal's reason when it is aborted.
   */
  async merkleRootOfPacked(
    leaves: Uint8Array,
    leafBytes: number,
    signal?: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer>> {
    if (!Number.isInteger(leafBytes) || leafBytes < 1 || leafBytes > leafBytesMax)
      throw new RangeError(`leaves have 1 to ${leafBytesMax} bytes each, not ${leafBytes}`);
    if (leaves.length % leafBytes !== 0)
      throw new RangeError(`${leaves.length} bytes are not a whole number of leaves of ${leafBytes}`);
    signal?.throwIfAborted();
    if (this.#closed) throw new ParallelHashingFailed("the pool is closed");
    if (this.#trees.size >= treesMax) throw new ParallelHashingFailed(`${treesMax} trees are under way already`);
    if (leaves.length === 0) return (await this.#loadCore()).merkleRootOfHashes([]);

    const subtreeBytes = leafBytes * subtreeLeaves(leaves.length / leafBytes, leafBytes, this.threads);
    return new Promise((resolve, reject) => {
      const giveUp = (): void => tree.settle({ error: signal?.reason });
      const tree: Tree = {
        leaves,
        length: leaves.length,
        leafBytes,
        subtreeBytes,
        roots: [],
        next: 0,
        missing: Math.ceil(leaves.length / subtreeBytes),
        settle: (outcome) => {
          if (!this.#trees.delete(tree)) return;
          signal?.removeEventListener("abort", giveUp);
          if (outcome instanceof Uint8Array) resolve(outcome);
          else reject(outcome.error);
        },
      };
      this.#trees.add(tree);
      signal?.addEventListener("abort", giveUp);
      this.#dispatch();
    });
  }

  /** Ends the workers. Trees under way are refused, and so is what is asked later. */
  close(): void {
    this.#closed = true;
    for (const { worker } of this.#members) worker.terminate();
    this.#members.clear();
    for (const tree of this.#trees) tree.settle({ error: new ParallelHashingFailed("the pool was closed") });
  }

  /** Hands subtrees, of the oldest trees first, to workers that are free, and starts as many as may be. */
  #dispatch(): void {
    for (const tree of this.#trees) {
      while (tree.next < tree.length && this.#trees.has(tree)) {
        let free: Member | null = null;
        try {
          free = this.#freeMember();
          if (free === null) return;
          this.#give(free, tree);
        } catch (cause) {
          // No worker could be started, no memory was left for the copy, or the leaves are gone.
          if (free !== null) free.task = null;
          const error = new ParallelHashingFailed(`a hashing worker could not be given work: ${cause}`, { cause });
          tree.settle({ error });
        }
      }
    }
  }

  #freeMember(): Member | null {
    for (const member of this.#members) if (member.task === null) return member;
    return this.#members.size < this.threads && !this.#closed ? this.#start() : null;
  }

  #start(): Member {
    const member: Member = {
      task: null,
      worker: this.#spawn({
        answered: (answer) => this.#answered(member, answer),
        ended: (reason) => this.#ended(member, reason),
      }),
    };
    this.#members.add(member);
    return member;
  }

  #give(member: Member, tree: Tree): void {
    if (tree.leaves.length !== tree.length) throw new RangeError("the leaves' buffer was resized or moved away");
    const index = tree.next / tree.subtreeBytes;
    const part = tree.leaves.subarray(tree.next, tree.next + tree.subtreeBytes);
    tree.next += part.length;
    member.task = { tree, index };
    if (part.buffer instanceof ArrayBuffer) {
      // Not `slice`: that of Node's Buffer is a view, and the caller's own buffer would be moved away.
      const copy = new Uint8Array(part);
      member.worker.post({ leaves: copy, leafBytes: tree.leafBytes }, [copy.buffer]);
    } else {
      member.worker.post({ leaves: part, leafBytes: tree.leafBytes }, []);
    }
  }

  #answered(member: Member, answer: HashingAnswer): void {
    const task = member.task;
    member.task = null;
    // Of a tree that was given up, the subtrees that were with workers are still answered.
    if (task !== null && this.#trees.has(task.tree)) this.#take(task.tree, task.index, answer);
    this.#dispatch();
  }

  #take(tree: Tree, index: number, answer: HashingAnswer): void {
    if ("failure" in answer) {
      tree.settle({ error: new ParallelHashingFailed(`a hashing worker failed: ${answer.failure}`) });
      return;
    }
    tree.roots[index] = answer.root;
    tree.missing--;
    if (tree.missing === 0) void this.#join(tree);
  }

  async #join(tree: Tree): Promise<void> {
    try {
      tree.settle((await this.#loadCore()).merkleRootOfHashes(tree.roots));
    } catch (error) {
      tree.settle({ error });
    }
  }

  /** Its tree is refused. The others go on, with a new worker in its place once there is a subtree for it. */
  #ended(member: Member, reason: string): void {
    if (!this.#members.delete(member)) return;
    member.task?.tree.settle({ error: new ParallelHashingFailed(`a hashing worker ended: ${reason}`) });
    this.#dispatch();
  }
}

/** A power of two, so that all subtrees but the last are complete and their roots are nodes of the tree. */
function subtreeLeaves(count: number, leafBytes: number, threads: number): number {
  const most = Math.max(1, Math.floor(subtreeBytesMax / leafBytes));
  const least = Math.max(1, Math.floor(subtreeBytesMin / leafBytes));
  const wanted = Math.min(most, Math.max(least, count / (threads * subtreesPerThread)));
  return 2 ** Math.floor(Math.log2(wanted));
}
