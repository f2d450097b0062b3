// The light clients of a browser's other tabs: a lock a question (Web Locks), and a channel to tell what was found (BroadcastChannel).
// Where a browser or an insecure page has no locks, every tab asks for itself, and still hears the others.

import type { Neighbours } from "../../ledger/light/neighbours.ts";

/** Longest wait for a tab that asks already; after that two ask. */
const waitMsMax = 2_000;

export function openNeighbours(name: string): Neighbours {
  const channel = new BroadcastChannel(name);
  const locks = navigator.locks as LockManager | undefined;
  return {
    async alone(key, work) {
      if (locks === undefined) return work(false);
      const lock = `${name}/${key}`;
      const taken = Symbol("taken");
      const first = await locks.request(lock, { ifAvailable: true }, (free) => (free === null ? taken : work(false)));
      if (first !== taken) return first as Awaited<ReturnType<typeof work>>;
      let begun = false;
      try {
        return await locks.request(lock, { signal: AbortSignal.timeout(waitMsMax) }, () => {
          begun = true;
          return work(true);
        });
      } catch (error) {
        // Its own failure is not for a second try.
        if (begun) throw error;
        return work(false);
      }
    },
    tell: (message) => channel.postMessage(message),
    hear(listener) {
      channel.onmessage = ({ data }) => listener(data);
    },
  };
}
