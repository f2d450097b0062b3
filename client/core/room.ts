// The citizen's place in the city room as the rest of the page sees it: who is near, what was said, how the connection stands.
// The connection itself (room-connection.ts) brings the Colyseus client and is loaded when somebody first enters.

import { signal } from "@preact/signals";
import { clockOffset } from "./clock.ts";
import type { Identity } from "./identity.ts";
import { type ChatLine, chatLengthMax, type Gesture, type Neighbour, type RoomHandle } from "./room-events.ts";
import type { Pose } from "./scene-port.ts";

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
}

const chatKept = 200;
const pauseMsMax = 15_000;
/** The room's close codes that end coming back by itself. */
const refusedName = "world_session_must_be_the_newest";

export const connection = signal<Connection>({ state: "apart" });
/** Refreshed at most twice a second; poses in it are for lists and maps, the scene gets every change. */
export const neighbours = signal<readonly Neighbour[]>([]);
export const chatLines = signal<readonly ChatLine[]>([]);
export const unread = signal(0);
export const crowd = signal({ count: 0, seed: 0 });
/** The last message that the room dropped, by name; panels show it once. */
export const roomRefusal = signal<string | null>(null);

let handle: RoomHandle | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;
let lineNumber = 0;
let entry: { readonly identity: Identity; readonly listener: RoomListener } | null = null;
const present = new Map<string, Neighbour>();
let listTimer: ReturnType<typeof setTimeout> | undefined;

function refreshList(): void {
  if (listTimer !== undefined) return;
  listTimer = setTimeout(() => {
    listTimer = undefined;
    neighbours.value = [...present.values()].sort((a, b) => a.name.localeCompare(b.name));
  }, 500);
}

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
  const leaving = handle;
  handle = null;
  clearPresent();
  entry = null;
  connection.value = { state: "apart" };
  leaving?.leave();
}

/** Tries at once instead of waiting out the pause; after being replaced, takes the place back. */
export function retryNow(): void {
  if (connection.peek().state !== "lost" && connection.peek().state !== "refused") return;
  clearTimeout(timer);
  connection.value = { state: "joining", attempt: 1 };
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
  const { identity, listener } = joining;
  let joined: RoomHandle;
  try {
    const { connectRoom } = await import("./room-connection.ts");
    joined = await connectRoom(identity, {
      welcomed(session, { x, y, heading }) {
        connection.value = { state: "joined", session };
        listener.spawn(x, y, heading);
      },
      corrected: (x, y) => listener.correct(x, y),
      came(neighbour) {
        present.set(neighbour.session, neighbour);
        listener.upsert(neighbour);
        refreshList();
      },
      went(session) {
        if (!present.delete(session)) return;
        listener.remove(session);
        refreshList();
      },
      said(line) {
        addLine(line);
        listener.said(line.session, line.text);
      },
      gestured(session, gesture, own) {
        const name = present.get(session)?.name;
        if (own) return;
        if (name !== undefined)
          addLine({ session, name, text: "", time: Date.now() + clockOffset.peek(), own, gesture });
        listener.gestured(session, gesture);
      },
      crowd(count, seed) {
        crowd.value = { count, seed };
      },
      refused(name) {
        roomRefusal.value = name;
      },
      closed(refusal) {
        if (handle !== joined) return;
        handle = null;
        const wasIn = connection.peek().state === "joined";
        // Replaced: the same citizen entered elsewhere. Coming back by itself would throw the other page out, and so on for ever.
        if (refusal === refusedName || (refusal !== null && !wasIn)) {
          clearPresent();
          connection.value = { state: "refused", name: refusal };
        } else lose(wasIn ? 0 : attempt);
      },
    });
  } catch {
    if (entry === joining) lose(attempt);
    return;
  }
  if (entry === joining) handle = joined;
  else joined.leave();
}

/** Guests are told only how large the simulated crowd is. */
export async function lookAtCrowd(): Promise<void> {
  if (crowd.peek().count > 0) return;
  const { learnCrowd } = await import("./room-connection.ts");
  const learned = await learnCrowd();
  if (learned !== null && crowd.peek().count === 0) crowd.value = learned;
}

/** Tells the room where we are. */
export function sendMove(pose: Pose): void {
  if (connection.peek().state === "joined") handle?.move(pose);
}

/** Says something to those near. False when nobody can hear because the room is away. */
export function sendChat(text: string): boolean {
  const trimmed = text.trim().slice(0, chatLengthMax);
  if (trimmed === "" || handle === null || connection.peek().state !== "joined") return false;
  handle.chat(trimmed);
  return true;
}

export function sendGesture(gesture: Gesture): boolean {
  if (handle === null || connection.peek().state !== "joined") return false;
  handle.gesture(gesture);
  return true;
}
