// The citizen's place in the city room: joining by signature, what others do, own moves, chat. Reconnects by joining anew
// (a fresh nonce each time), with pauses growing to 15 s; protocol: world-server/protocol/city-room.ts.

import { Callbacks, Client, type Room } from "@colyseus/sdk";
import { signal } from "@preact/signals";
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
import type { Pose } from "./scene-port.ts";

export type Gesture = "wave" | "nod" | "clap";
export interface Neighbour {
  readonly session: string;
  readonly account: string;
  readonly name: string;
  readonly pose: Pose;
}
export interface ChatLine {
  readonly number: number;
  readonly session: string;
  readonly name: string;
  readonly text: string;
  readonly time: number;
  readonly own: boolean;
  readonly gesture?: Gesture;
}
export type Connection =
  | { readonly state: "apart" }
  | { readonly state: "joining"; readonly attempt: number }
  | { readonly state: "joined"; readonly session: string }
  | { readonly state: "lost"; readonly retryAt: number; readonly attempt: number }
  | { readonly state: "refused"; readonly name: string };

/** What happens in the room, for the scene. */
export interface RoomListener {
  spawn(x: number, y: number, heading: number): void;
  correct(x: number, y: number): void;
  upsert(neighbour: Neighbour): void;
  remove(session: string): void;
  said(session: string, text: string): void;
  gestured(session: string, gesture: Gesture): void;
  crowd(count: number, seed: number): void;
}

const chatKept = 200;
const pauseMsMax = 15_000;
const joinTimeoutMs = 15_000;

export const connection = signal<Connection>({ state: "apart" });
/** Refreshed at most twice a second; poses in it are for lists and maps, the scene gets every change. */
export const neighbours = signal<readonly Neighbour[]>([]);
export const chatLines = signal<readonly ChatLine[]>([]);
export const unread = signal(0);
export const crowd = signal({ count: 0, seed: 0 });
/** The last message that the room dropped, by name; panels show it once. */
export const roomRefusal = signal<string | null>(null);

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

let room: Room<unknown, CityState> | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;
let lineNumber = 0;
let entry: { identity: Identity; listener: RoomListener } | null = null;
const present = new Map<string, Neighbour>();
let listTimer: ReturnType<typeof setTimeout> | undefined;

function refreshList(): void {
  if (listTimer !== undefined) return;
  listTimer = setTimeout(() => {
    listTimer = undefined;
    neighbours.value = [...present.values()].sort((a, b) => a.name.localeCompare(b.name));
  }, 500);
}

const poseOf = (citizen: CitizenState): Pose => ({
  x: citizen.x / 100,
  y: citizen.y / 100,
  heading: citizen.heading / 10,
  gait: Math.min(3, citizen.gait) as Pose["gait"],
  altitude: citizen.altitude,
});

/** Everyone near, at this moment. */
export const neighboursNow = (): readonly Neighbour[] => [...present.values()];

function addLine(line: Omit<ChatLine, "number">): void {
  lineNumber += 1;
  chatLines.value = [...chatLines.peek(), { ...line, number: lineNumber }].slice(-chatKept);
  if (!line.own) unread.value += 1;
}

/** Joins as a citizen and stays joined. */
export function enterCity(identity: Identity, listener: RoomListener): void {
  leaveCity();
  entry = { identity, listener };
  void join(1);
}

/** Leaves and stays away. */
export function leaveCity(): void {
  clearTimeout(timer);
  const leaving = room;
  room = null;
  entry = null;
  clearPresent();
  connection.value = { state: "apart" };
  leaving?.leave().catch(() => undefined);
}

/** Tries at once instead of waiting out the pause. */
export function retryNow(): void {
  if (connection.peek().state !== "lost" && connection.peek().state !== "refused") return;
  clearTimeout(timer);
  void join(1);
}

function clearPresent(): void {
  for (const session of present.keys()) entry?.listener.remove(session);
  present.clear();
  neighbours.value = [];
}

function lose(attempt: number): void {
  if (entry === null) return;
  clearTimeout(timer);
  clearPresent();
  // Half fixed, half random: a restarted server is not met by everyone in the same instant.
  const pause = Math.min(pauseMsMax, 600 * 2 ** Math.min(attempt, 6)) * (0.5 + Math.random() / 2);
  connection.value = { state: "lost", retryAt: Date.now() + pause, attempt };
  timer = setTimeout(() => void join(attempt + 1), pause);
}

async function join(attempt: number): Promise<void> {
  const joining = entry;
  if (joining === null) return;
  if (attempt === 1 && connection.peek().state === "apart") connection.value = { state: "joining", attempt };
  let joined: Room<unknown, CityState>;
  try {
    joined = await new Client(location.origin).joinOrCreate<CityState>(cityRoomName, {}, CityState);
  } catch {
    if (entry === joining) lose(attempt);
    return;
  }
  // A seat of the old connection would still need a fresh nonce, so joining anew is simpler and as quick.
  joined.reconnection.enabled = false;
  if (entry !== joining) {
    joined.leave().catch(() => undefined);
    return;
  }
  room = joined;
  listen(joined, joining, attempt);
}

function listen(
  joined: Room<unknown, CityState>,
  { identity, listener }: NonNullable<typeof entry>,
  attempt: number,
): void {
  let refused: string | null = null;
  const deadline = setTimeout(() => joined.leave().catch(() => undefined), joinTimeoutMs);

  joined.onMessage("nonce", async (message: unknown) => {
    const nonce = nonceSchema.safeParse(message);
    // A nonce of another chain would be a signature for somebody else's city.
    if (!nonce.success || nonce.data.chain !== identity.chain) {
      refused = "world_chain_must_match";
      joined.leave().catch(() => undefined);
      return;
    }
    clockOffset.value = Math.round(nonce.data.time - Date.now());
    const { chain, room: roomId, nonce: bytes } = nonce.data;
    const signature = await signerOf(identity)(
      joinSignBytes({ chain, room: roomId, nonce: bytes, account: identity.account }),
    );
    joined.send("prove", { account: identity.account, key: identity.publicKey, signature: hex(signature) });
  });
  joined.onMessage("welcome", (message: unknown) => {
    const welcome = welcomeSchema.safeParse(message);
    if (!welcome.success) return;
    clearTimeout(deadline);
    connection.value = { state: "joined", session: welcome.data.session };
    listener.spawn(welcome.data.x, welcome.data.y, welcome.data.heading);
  });
  joined.onMessage("chat", (message: unknown) => {
    const chat = chatSchema.safeParse(message);
    if (!chat.success) return;
    const { session, name, text, time } = chat.data;
    addLine({ session, name, text, time, own: session === joined.sessionId });
    listener.said(session, text);
  });
  joined.onMessage("gesture", (message: unknown) => {
    const parsed = gestureSchema.safeParse(message);
    if (!parsed.success) return;
    const { session, gesture } = parsed.data;
    const own = session === joined.sessionId;
    const name = present.get(session)?.name;
    if (!own && name !== undefined)
      addLine({ session, name, text: "", time: Date.now() + clockOffset.peek(), own, gesture });
    if (!own) listener.gestured(session, gesture);
  });
  joined.onMessage("correct", (message: unknown) => {
    const correct = correctSchema.safeParse(message);
    if (correct.success) listener.correct(correct.data.x, correct.data.y);
  });
  joined.onMessage("refused", (message: unknown) => {
    const refusal = refusedSchema.safeParse(message);
    if (!refusal.success) return;
    roomRefusal.value = refusal.data.name;
    if (connection.peek().state !== "joined") refused = refusal.data.name;
  });
  joined.onMessage("*", () => undefined);

  const callbacks = Callbacks.get(joined);
  callbacks.onAdd("citizens", (citizen, session) => {
    const upsert = (): void => {
      if (session === joined.sessionId) return;
      const neighbour = { session, account: citizen.account, name: citizen.name, pose: poseOf(citizen) };
      present.set(session, neighbour);
      learnName(citizen.account, citizen.name);
      listener.upsert(neighbour);
      refreshList();
    };
    upsert();
    callbacks.onChange(citizen, upsert);
  });
  callbacks.onRemove("citizens", (_citizen, session) => {
    if (!present.delete(session)) return;
    listener.remove(session);
    refreshList();
  });
  const crowdChanged = (): void => {
    const { crowd: count, crowdSeed: seed } = joined.state;
    if (typeof count !== "number" || typeof seed !== "number") return;
    crowd.value = { count, seed };
    listener.crowd(count, seed);
  };
  callbacks.listen("crowd", crowdChanged);
  callbacks.listen("crowdSeed", crowdChanged);

  joined.onError(() => undefined);
  joined.onLeave((code) => {
    clearTimeout(deadline);
    if (room !== joined) return;
    room = null;
    if (code === closeCodes.replaced) {
      // The same citizen entered elsewhere: coming back by itself would throw the other page out, and so on for ever.
      clearPresent();
      connection.value = { state: "refused", name: "world_session_must_be_the_newest" };
      return;
    }
    const closed = refused ?? (code === closeCodes.joinRefused ? "world_signature_must_be_valid" : null);
    if (closed !== null && connection.peek().state !== "joined") {
      clearPresent();
      connection.value = { state: "refused", name: closed };
      return;
    }
    const wasIn = connection.peek().state === "joined";
    lose(wasIn ? 0 : attempt);
  });
}

/** Tells the room where we are. */
export function sendMove(pose: Pose): void {
  if (room === null || connection.peek().state !== "joined") return;
  room.send("move", {
    x: Math.round(pose.x * 100),
    y: Math.round(pose.y * 100),
    heading: ((Math.round(pose.heading * 10) % 3600) + 3600) % 3600,
    gait: pose.gait,
    altitude: Math.max(0, Math.min(400, Math.round(pose.altitude))),
  });
}

/** Says something to those near. False when nobody can hear because the room is away. */
export function sendChat(text: string): boolean {
  const trimmed = text.trim().slice(0, chatLengthMax);
  if (trimmed === "" || room === null || connection.peek().state !== "joined") return false;
  room.send("chat", { text: trimmed });
  return true;
}

export function sendGesture(gesture: Gesture): boolean {
  if (room === null || connection.peek().state !== "joined") return false;
  room.send("gesture", { gesture });
  return true;
}
