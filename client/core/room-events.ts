// What the city room and the page say to each other, without the client library that carries it.

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
/** What the page asks of a connection that stands or is being made. */
export interface RoomHandle {
  move(pose: Pose): void;
  chat(text: string): void;
  gesture(gesture: Gesture): void;
  leave(): void;
}

/** As world-server/protocol/city-room.ts has it; repeated here because that file brings the room's schema with it. */
export const chatLengthMax = 280;
/** What a connection reports. */
export interface RoomEvents {
  welcomed(session: string, place: { readonly x: number; readonly y: number; readonly heading: number }): void;
  corrected(x: number, y: number): void;
  came(neighbour: Neighbour): void;
  went(session: string): void;
  said(line: Omit<ChatLine, "number">): void;
  gestured(session: string, gesture: Gesture, own: boolean): void;
  crowd(count: number, seed: number): void;
  /** A message of ours was dropped. */
  refused(name: string): void;
  /** The connection is over; with a refusal's name when the room does not want us back by itself. */
  closed(refusal: string | null): void;
}
