// One connection to the city room: joins by signature, checks every message, reports what happens. Brings Colyseus with it, so
// it is loaded when somebody enters. Joining anew takes a fresh nonce each time; protocol: world-server/protocol/city-room.ts.

import { Callbacks, Client, type Room } from "@colyseus/sdk";
import { z } from "zod";
import { hex } from "../../ledger/protocol/bytes.ts";
import {
  type CitizenState,
  CityState,
  chatLengthMax,
  cityRoomName,
  closeCodes,
  joinSignBytes,
} from "../../world-server/protocol/city-room.ts";
import { clockOffset } from "./clock.ts";
import { learnName } from "./directory.ts";
import { type Identity, signerOf } from "./identity.ts";
import type { RoomEvents, RoomHandle } from "./room-events.ts";
import type { Pose } from "./scene-port.ts";

const joinTimeoutMs = 15_000;
const crowdPatienceMs = 5000;

const finite = z.number();
const nonceSchema = z.object({
  chain: z.string().min(1).max(50),
  room: z.string().min(1).max(100),
  nonce: z.string().regex(/^[0-9a-f]{64}$/),
  time: finite,
});
const welcomeSchema = z.object({ session: z.string().max(64), x: finite, y: finite, heading: finite, time: finite });
const chatSchema = z.object({
  session: z.string().max(64),
  name: z.string().max(64),
  text: z.string().max(chatLengthMax * 2),
  time: finite,
});
const gestureSchema = z.object({ session: z.string().max(64), gesture: z.enum(["wave", "nod", "clap"]) });
const correctSchema = z.object({ x: finite, y: finite, reason: z.string().max(20) });
const refusedSchema = z.object({ name: z.string().max(100) });

const poseOf = (citizen: CitizenState): Pose => ({
  x: citizen.x / 100,
  y: citizen.y / 100,
  heading: citizen.heading / 10,
  gait: Math.min(3, citizen.gait) as Pose["gait"],
  altitude: citizen.altitude,
});

/** Joins the room. Resolves before the room has let us in: `welcomed` or `closed` follows. @throws when no room can be reached. */
export async function connectRoom(identity: Identity, events: RoomEvents): Promise<RoomHandle> {
  const joined = await new Client(location.origin).joinOrCreate<CityState>(cityRoomName, {}, CityState);
  // A seat of the old connection would still need a fresh nonce, so joining anew is simpler and as quick.
  joined.reconnection.enabled = false;
  listen(joined, identity, events);
  return {
    move: (pose) =>
      joined.send("move", {
        x: Math.round(pose.x * 100),
        y: Math.round(pose.y * 100),
        heading: ((Math.round(pose.heading * 10) % 3600) + 3600) % 3600,
        gait: pose.gait,
        altitude: Math.max(0, Math.min(400, Math.round(pose.altitude))),
      }),
    chat: (text) => joined.send("chat", { text }),
    gesture: (gesture) => joined.send("gesture", { gesture }),
    leave: () => void joined.leave().catch(() => undefined),
  };
}

function listen(joined: Room<unknown, CityState>, identity: Identity, events: RoomEvents): void {
  let refused: string | null = null;
  let welcomed = false;
  const leave = (): void => void joined.leave().catch(() => undefined);
  const deadline = setTimeout(leave, joinTimeoutMs);
  /** Hands on what has the agreed form; anything else is dropped. */
  const on = <T>(type: string, schema: z.ZodType<T>, take: (message: T) => void): void => {
    joined.onMessage(type, (message: unknown) => {
      const parsed = schema.safeParse(message);
      if (parsed.success) take(parsed.data);
    });
  };

  joined.onMessage("nonce", async (message: unknown) => {
    const nonce = nonceSchema.safeParse(message);
    // A nonce of another chain would be a signature for somebody else's city.
    if (!nonce.success || nonce.data.chain !== identity.chain) {
      refused = "world_chain_must_match";
      leave();
      return;
    }
    clockOffset.value = Math.round(nonce.data.time - Date.now());
    const { chain, room, nonce: bytes } = nonce.data;
    const signature = await signerOf(identity)(joinSignBytes({ chain, room, nonce: bytes, account: identity.account }));
    joined.send("prove", { account: identity.account, key: identity.publicKey, signature: hex(signature) });
  });
  on("welcome", welcomeSchema, (welcome) => {
    clearTimeout(deadline);
    welcomed = true;
    events.welcomed(welcome.session, welcome);
  });
  on("chat", chatSchema, (line) => events.said({ ...line, own: line.session === joined.sessionId }));
  on("gesture", gestureSchema, ({ session, gesture }) =>
    events.gestured(session, gesture, session === joined.sessionId),
  );
  on("correct", correctSchema, ({ x, y }) => events.corrected(x, y));
  on("refused", refusedSchema, ({ name }) => {
    events.refused(name);
    if (!welcomed) refused = name;
  });
  joined.onMessage("*", () => undefined);

  const callbacks = Callbacks.get(joined);
  callbacks.onAdd("citizens", (citizen, session) => {
    const changed = (): void => {
      if (session === joined.sessionId) return;
      learnName(citizen.account, citizen.name);
      events.came({ session, account: citizen.account, name: citizen.name, pose: poseOf(citizen) });
    };
    changed();
    callbacks.onChange(citizen, changed);
  });
  callbacks.onRemove("citizens", (_citizen, session) => events.went(session));
  const crowdChanged = (): void => {
    const { crowd: count, crowdSeed: seed } = joined.state;
    if (typeof count === "number" && typeof seed === "number") events.crowd(count, seed);
  };
  callbacks.listen("crowd", crowdChanged);
  callbacks.listen("crowdSeed", crowdChanged);

  joined.onError(() => undefined);
  joined.onLeave((code) => {
    clearTimeout(deadline);
    if (code === closeCodes.replaced) events.closed("world_session_must_be_the_newest");
    else events.closed(refused ?? (code === closeCodes.joinRefused ? "world_signature_must_be_valid" : null));
  });
}

/** The simulated crowd, for guests: looks into the room for its size and seed, and leaves again unnamed. Null when none is told. */
export async function learnCrowd(): Promise<{ readonly count: number; readonly seed: number } | null> {
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
    return Number.isInteger(count) && Number.isInteger(seed) ? { count, seed } : null;
  } catch {
    // No room, no crowd: the city is only quieter.
    return null;
  } finally {
    looked?.leave().catch(() => undefined);
  }
}
