// The city room's state and messages, shared with the client. Positions are metres in the world's local frame:
// x east, y north; the height is the client's to find from the terrain. Headings are degrees, 0 north, 90 east.

import { schema, t } from "@colyseus/schema";
import { z } from "zod";
import { accountIdSchema } from "../../ledger/protocol/accounts.ts";
import { utf8 } from "../../ledger/protocol/bytes.ts";
import { canonicalText } from "../../ledger/protocol/canonical.ts";
import { publicKeySchema } from "../../ledger/protocol/keys.ts";

/** Name under which the room is joined. */
export const cityRoomName = "city";
/** Citizens in one room. */
export const citizensMax = 200;
/** Fastest legal movement, m/s, and the tolerance over which the room averages, s. */
export const speedMax = { walk: 2.2, run: 7, fly: 40 } as const;
export const chatLengthMax = 280;
/** Messages a client may send a second before the room drops them; after ten times that it disconnects. */
export const messagesPerSecondMax = 30;
/** Patches and client position reports a second. */
export const updateRateHz = 10;

/** One citizen as others see it. Quantised: centimetres and tenths of a degree fit what eyes can tell. */
export const CitizenState = schema({
  account: t.string(),
  name: t.string(),
  /** Centimetres. */
  x: t.int32(),
  y: t.int32(),
  /** Tenths of a degree, 0 to 3599. */
  heading: t.uint16(),
  /** 0 stand, 1 walk, 2 run, 3 fly (a spectator's camera: shown as a paper bird). */
  gait: t.uint8(),
  /** Metres above ground while flying. */
  altitude: t.uint16(),
});
export type CitizenState = InstanceType<typeof CitizenState>;

/** The room's state. Keys of `citizens` are session ids. */
export const CityState = schema({
  citizens: t.map(CitizenState).view(),
  /** Number of simulated people; every client computes the same crowd from it. */
  crowd: t.uint16(),
  crowdSeed: t.uint32(),
});
export type CityState = InstanceType<typeof CityState>;

/** Server → client, right after joining: sign this. Unsigned clients are closed after 15 s and see nothing before. */
export interface NonceMessage {
  readonly chain: string;
  readonly room: string;
  /** 32 random bytes, hex. */
  readonly nonce: string;
  /** The server's clock, UNIX ms: simulated life runs on it. */
  readonly time: number;
}
/** Client → server `prove`: the key's signature over `joinSignBytes`. */
export const proveSchema = z.strictObject({
  account: accountIdSchema,
  key: publicKeySchema,
  signature: z.string().regex(/^[0-9a-f]{128}$/),
});
/** Client → server `move`, at most `updateRateHz` a second. Same units as CitizenState. */
export const moveSchema = z.strictObject({
  x: z.number().int(),
  y: z.number().int(),
  heading: z.number().int().min(0).max(3599),
  gait: z.number().int().min(0).max(3),
  altitude: z.number().int().min(0).max(400),
});
/** Client → server `chat`. */
export const chatSchema = z.strictObject({ text: z.string().trim().min(1).max(chatLengthMax) });
/** Client → server `gesture`. */
export const gestureSchema = z.strictObject({ gesture: z.enum(["wave", "nod", "clap"]) });

/** Server → client `welcome`, once the signature held and the account was found on the ledger. */
export interface WelcomeMessage {
  readonly session: string;
  readonly x: number;
  readonly y: number;
  readonly heading: number;
  readonly time: number;
}
/** Server → client `chat`; `session` is the speaker's. */
export interface ChatMessage {
  readonly session: string;
  readonly name: string;
  readonly text: string;
  readonly time: number;
}
/** Server → client `gesture`. */
export interface GestureMessage {
  readonly session: string;
  readonly gesture: "wave" | "nod" | "clap";
}
/** Server → client `correct`: a move was refused; stand here instead. */
export interface CorrectMessage {
  readonly x: number;
  readonly y: number;
  readonly reason: "speed" | "bounds" | "rate";
}
/** Server → client `refused`: a message was dropped; `name` is stable. */
export interface RefusedMessage {
  readonly name:
    | "world_message_must_match_schema"
    | "world_rate_must_not_exceed_limit"
    | "world_join_must_be_proved"
    | "world_signature_must_be_valid"
    | "world_account_must_exist"
    | "world_key_must_belong_to_account";
}
/** Close codes of the room beyond Colyseus' own. */
export const closeCodes = {
  joinRefused: 4401,
  joinTimedOut: 4408,
  replaced: 4409,
  flooded: 4429,
  shutdown: 4503,
} as const;

/** What a citizen's key signs to enter: bound to chain, room and nonce. */
export function joinSignBytes(parts: {
  readonly chain: string;
  readonly room: string;
  readonly nonce: string;
  readonly account: string;
}): Uint8Array<ArrayBuffer> {
  const { chain, room, nonce, account } = parts;
  return utf8(`glasstown/join/1\n${canonicalText({ chain, room, nonce, account })}`);
}
