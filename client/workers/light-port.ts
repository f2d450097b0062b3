// The light client's worker and its page: calls by name, answered in any order, with a number each. One worker, one page, one object:
// Comlink's proxies, handlers and endpoints would be 2 KB more before anything can be checked.

import type { LightClient } from "../../ledger/light/light-client.ts";

type Call = readonly [number: number, method: keyof LightClient, given: readonly unknown[]];
type Answer = readonly [number: number, done: boolean, value: unknown];

/** In the worker: hands calls to the client. What it throws is thrown on the page. */
export function answerCalls(call: (method: keyof LightClient, given: readonly unknown[]) => Promise<unknown>): void {
  addEventListener("message", async ({ data: [number, method, given] }: MessageEvent<Call>) => {
    const answer = (done: boolean, value: unknown): void => postMessage([number, done, value] satisfies Answer);
    try {
      answer(true, await call(method, given));
    } catch (error) {
      // Name and message: not everything that is thrown can be cloned, and browsers differ in what of an error they keep.
      answer(false, error instanceof Error ? [error.name, error.message] : ["Error", String(error)]);
    }
  });
}

/** On the page: calls the worker's client. */
export function callsTo(worker: Worker): (method: keyof LightClient, given: readonly unknown[]) => Promise<unknown> {
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let calls = 0;
  worker.addEventListener("message", ({ data: [number, done, value] }: MessageEvent<Answer>) => {
    const call = waiting.get(number);
    waiting.delete(number);
    if (done) return call?.resolve(value);
    const [name, message] = value as readonly [string, string];
    call?.reject(Object.assign(new Error(message), { name }));
  });
  return (method, given) =>
    new Promise((resolve, reject) => {
      const number = calls++;
      // Throws for what cannot be cloned: the promise is rejected then, and nothing waits.
      worker.postMessage([number, method, given] satisfies Call);
      waiting.set(number, { resolve, reject });
    });
}
