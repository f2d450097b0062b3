// Reads ahead by one: while a batch is worked on, the next is being read, which the disk's threads do.

/** The same batches in the same order. What was opened is closed when the reader stops early. */
export async function* oneAhead<Batch>(
  batches: Iterable<Batch> | AsyncIterable<Batch>,
): AsyncGenerator<Batch, void, undefined> {
  const iterator = Symbol.asyncIterator in batches ? batches[Symbol.asyncIterator]() : batches[Symbol.iterator]();
  const read = (): Promise<IteratorResult<Batch>> => {
    const next = Promise.resolve(iterator.next());
    // What fails is thrown where it is awaited, if it ever is.
    next.catch(() => undefined);
    return next;
  };
  let next = read();
  let ended = false;
  try {
    for (;;) {
      const step = await next.catch((cause: unknown) => {
        ended = true;
        throw cause;
      });
      ended = step.done === true;
      if (step.done === true) return;
      next = read();
      yield step.value;
    }
  } finally {
    if (!ended) await iterator.return?.();
  }
}
