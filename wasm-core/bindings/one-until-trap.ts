// Keeps one instance for everyone who asks, until it traps: after that its memory may be in any state, so a new one is made.

/**
 * @param make makes an instance. It calls `discard` when that instance traps, or when making it fails later than at once.
 * @returns what `make` made last. An instance that was discarded is never handed out again, also when it is discarded late.
 */
export function oneUntilTrap<Instance>(make: (discard: () => void) => Instance): () => Instance {
  let current: { readonly instance: Instance } | undefined;
  return () => {
    if (current !== undefined) return current.instance;
    let usable = true;
    let mine: { readonly instance: Instance } | undefined;
    const instance = make(() => {
      usable = false;
      if (current !== undefined && current === mine) current = undefined;
    });
    mine = { instance };
    if (usable) current = mine;
    return instance;
  };
}
