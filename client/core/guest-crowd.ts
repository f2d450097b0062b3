// What a guest sees of the room: only the simulated crowd, which is the same for everyone. Nobody is told that a guest looked.

import { Client, type Room } from "@colyseus/sdk";
import { CityState, cityRoomName } from "../../world-server/protocol/city-room.ts";
import { crowd } from "./room.ts";

const crowdPatienceMs = 5000;

/** Guests see the simulated crowd too: looks into the room for its size and seed, and leaves again unnamed. */
export async function learnCrowd(): Promise<void> {
  if (crowd.peek().count > 0) return;
  let looked: Room<unknown, CityState> | null = null;
  try {
    const visited = await new Client(location.origin).joinOrCreate<CityState>(cityRoomName, {}, CityState);
    looked = visited;
    visited.reconnection.enabled = false;
    visited.onMessage("*", () => undefined);
    await new Promise<void>((resolve) => {
      setTimeout(resolve, crowdPatienceMs);
      visited.onStateChange.once(() => resolve());
    });
    const { crowd: count, crowdSeed: seed } = visited.state;
    if (crowd.peek().count === 0 && Number.isInteger(count) && Number.isInteger(seed)) crowd.value = { count, seed };
  } catch {
    // No room, no crowd: the city is only quieter.
  }
  await looked?.leave().catch(() => undefined);
}
