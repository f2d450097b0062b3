// The city room: who may enter, how they move, whom they see and hear. The room decides, clients report.
// Rules and limits are in ../protocol/city-room.ts; names, keys and accounts come from the ledger alone.

import { randomBytes } from "node:crypto";
import { type Client, Room } from "@colyseus/core";
import { StateView } from "@colyseus/schema";
import type { Logger } from "pino";
import type { z } from "zod";
import { fromHex } from "../../ledger/protocol/bytes.ts";
import { verifyEd25519Sync } from "../../ledger/protocol/ed25519-node.ts";
import type { WorldManifest } from "../../worlds/format/world.ts";
import {
  type ChatMessage,
  CitizenState,
  CityState,
  type CorrectMessage,
  chatSchema,
  citizensMax,
  closeCodes,
  type GestureMessage,
  gestureSchema,
  joinSignBytes,
  messagesPerSecondMax,
  moveSchema,
  type NonceMessage,
  proveSchema,
  type RefusedMessage,
  updateRateHz,
  type WelcomeMessage,
} from "../protocol/city-room.ts";
import { spokenText } from "./chat-text.ts";
import { InterestGrid } from "./interest.ts";
import type { LedgerDirectory } from "./ledger-directory.ts";
import { Movement } from "./movement.ts";
import { spawnPlace } from "./spawn-place.ts";
import { TokenBucket } from "./token-bucket.ts";

/** What rooms of one process share. */
export interface CitySurroundings {
  readonly manifest: Pick<WorldManifest, "bounds" | "spawn" | "hash">;
  readonly crowd: number;
  readonly ledger: LedgerDirectory;
  readonly log: Logger;
  readonly nowMs: () => number;
  /** Time in which a client must prove who it is, ms. */
  readonly proveWithinMs: number;
  /** Session of each account over all rooms, so that a later one replaces an earlier one. */
  readonly sessions: Map<string, Presence>;
}

interface Presence {
  leave(code: number, reason: string): void;
}

/** Metres within which a chat line or a gesture is noticed. */
const hearingMetres = 100;
/** Each citizen's surroundings are looked at anew in every nth patch. */
const interestEveryPatches = 5;
/** Bytes that may wait to be sent to a client; one that reads slower is closed. */
const waitingBytesMax = 512 * 1024;

/** A connection's life: it waits to prove itself, is being looked up, is in, or is out. */
type Session =
  | { readonly stage: "waiting"; readonly nonce: string; readonly chain: string }
  | { readonly stage: "proving" }
  | { readonly stage: "inside"; readonly citizen: Inside };

interface Inside {
  readonly account: string;
  readonly presence: Presence;
  readonly state: CitizenState;
  readonly movement: Movement;
  readonly messages: TokenBucket;
  readonly words: TokenBucket;
  readonly gestures: TokenBucket;
  readonly notices: TokenBucket;
  readonly turn: number;
  seen: Set<string>;
}

/** The surroundings are handed to `define`, because rooms are made by the library. */
export class CityRoom extends Room<{ state: CityState }> {
  override maxClients = citizensMax;
  override patchRate = 1000 / updateRateHz;
  override seatReservationTimeout = 8;
  override state = new CityState();
  #surroundings!: CitySurroundings;
  readonly #sessions = new Map<string, Session>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #grid = new InterestGrid<string>();
  #patch = 0;
  #arrivals = 0;

  override onCreate(options: { surroundings: CitySurroundings }): void {
    this.#surroundings = options.surroundings;
    this.state.crowd = options.surroundings.crowd;
    this.state.crowdSeed = Number.parseInt(options.surroundings.manifest.hash.slice(0, 8), 16) >>> 0;
    this.onMessage("*", (client, type, message: unknown) => this.#onAny(client, String(type), message));
  }

  override async onJoin(client: Client): Promise<void> {
    const { ledger, nowMs, proveWithinMs, log } = this.#surroundings;
    let chain: string;
    try {
      chain = await ledger.chain();
    } catch (error) {
      log.warn({ err: error }, "nobody can enter");
      throw new Error("the ledger does not answer; try again soon", { cause: error });
    }
    const nonce = randomBytes(32).toString("hex");
    this.#sessions.set(client.sessionId, { stage: "waiting", nonce, chain });
    const timer = setTimeout(
      () => this.#close(client, closeCodes.joinTimedOut, "join not proved in time"),
      proveWithinMs,
    );
    this.#timers.set(client.sessionId, timer);
    client.send("nonce", { chain, room: this.roomId, nonce, time: nowMs() } satisfies NonceMessage);
  }

  override onLeave(client: Client): void {
    this.#forget(client);
  }

  override onDispose(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  /** SIGTERM: everyone is told that the city closes, which clients take as a reason to come back by themselves. */
  override onBeforeShutdown(): void {
    this.disconnect(closeCodes.shutdown).catch(() => undefined);
  }

  override onBeforePatch(): void {
    this.#patch++;
    for (const client of this.clients) {
      const session = this.#sessions.get(client.sessionId);
      if (session?.stage !== "inside") continue;
      const waiting = (client.ref as { bufferedAmount?: number }).bufferedAmount ?? 0;
      if (waiting > waitingBytesMax) this.#close(client, closeCodes.flooded, "reads too slowly");
      else if ((this.#patch + session.citizen.turn) % interestEveryPatches === 0) this.#look(client, session.citizen);
    }
  }

  #onAny(client: Client, type: string, message: unknown): void {
    const session = this.#sessions.get(client.sessionId);
    if (session === undefined) return;
    if (session.stage !== "inside") {
      if (type === "prove" && session.stage === "waiting") void this.#prove(client, session, message);
      else if (type !== "prove") this.#refuse(client, "world_join_must_be_proved");
      return;
    }
    const { citizen } = session;
    const now = this.#surroundings.nowMs();
    if (!citizen.messages.take(now)) {
      if (citizen.notices.take(now)) this.#refuse(client, "world_rate_must_not_exceed_limit");
      return;
    }
    const handled =
      type === "move"
        ? this.#move(client, citizen, moveSchema.safeParse(message), now)
        : type === "chat"
          ? this.#chat(client, citizen, chatSchema.safeParse(message), now)
          : type === "gesture"
            ? this.#gesture(client, citizen, gestureSchema.safeParse(message), now)
            : false;
    if (!handled && citizen.notices.take(now)) this.#refuse(client, "world_message_must_match_schema");
  }

  /** Checks the signature first, because that is cheap, then the ledger. The nonce serves once. */
  async #prove(client: Client, waiting: Extract<Session, { stage: "waiting" }>, message: unknown): Promise<void> {
    this.#sessions.set(client.sessionId, { stage: "proving" });
    const proof = proveSchema.safeParse(message);
    if (!proof.success) return this.#refuseEntry(client, "world_message_must_match_schema");
    const { account, key, signature } = proof.data;
    const signed = joinSignBytes({ chain: waiting.chain, room: this.roomId, nonce: waiting.nonce, account });
    if (!verifyEd25519Sync(fromHex(key), signed, fromHex(signature)))
      return this.#refuseEntry(client, "world_signature_must_be_valid");
    try {
      const citizen = await this.#surroundings.ledger.citizen(account);
      if (this.#sessions.get(client.sessionId)?.stage !== "proving") return;
      if (citizen === null) return this.#refuseEntry(client, "world_account_must_exist");
      if (!citizen.keys.includes(key)) return this.#refuseEntry(client, "world_key_must_belong_to_account");
      this.#enter(client, account, citizen.name);
    } catch (error) {
      this.#surroundings.log.warn({ err: error }, "a citizen could not enter");
      // 1013: try again later.
      this.#close(client, 1013, "the ledger does not answer");
    }
  }

  #enter(client: Client, account: string, name: string): void {
    const { manifest, nowMs, sessions, log } = this.#surroundings;
    clearTimeout(this.#timers.get(client.sessionId));
    this.#timers.delete(client.sessionId);
    sessions.get(account)?.leave(closeCodes.replaced, "entered elsewhere");
    const presence: Presence = { leave: (code, reason) => this.#close(client, code, reason) };
    sessions.set(account, presence);
    const place = spawnPlace(manifest, this.#arrivals++);
    const now = nowMs();
    const state = new CitizenState();
    state.account = account;
    state.name = name;
    state.x = Math.round(place.x * 100);
    state.y = Math.round(place.y * 100);
    state.heading = (((Math.round(place.heading * 10) % 3600) + 3600) % 3600) | 0;
    state.gait = 0;
    state.altitude = 0;
    const citizen: Inside = {
      account,
      presence,
      state,
      movement: new Movement(state.x, state.y, manifest.bounds, now),
      messages: new TokenBucket(messagesPerSecondMax, messagesPerSecondMax, now),
      words: new TokenBucket(5, 0.7, now),
      gestures: new TokenBucket(3, 1, now),
      notices: new TokenBucket(4, 2, now),
      turn: this.#arrivals,
      seen: new Set(),
    };
    this.#sessions.set(client.sessionId, { stage: "inside", citizen });
    this.#grid.place(client.sessionId, place);
    this.state.citizens.set(client.sessionId, state);
    client.view = new StateView();
    const welcome: WelcomeMessage = { session: client.sessionId, ...place, time: now };
    client.send("welcome", welcome);
    this.#look(client, citizen);
    log.info({ account, citizens: this.state.citizens.size }, "entered");
  }

  #move(client: Client, citizen: Inside, parsed: Parsed<typeof moveSchema>, now: number): boolean {
    if (!parsed.success) return false;
    const move = parsed.data;
    const reason = citizen.movement.accept(move, now);
    if (reason !== null) {
      const correct: CorrectMessage = { x: citizen.state.x / 100, y: citizen.state.y / 100, reason };
      if (citizen.notices.take(now)) client.send("correct", correct);
      return true;
    }
    Object.assign(citizen.state, { ...move, altitude: move.gait === 3 ? move.altitude : 0 });
    this.#grid.place(client.sessionId, placeOf(citizen.state));
    return true;
  }

  #chat(client: Client, citizen: Inside, parsed: Parsed<typeof chatSchema>, now: number): boolean {
    const text = parsed.success ? spokenText(parsed.data.text) : null;
    if (text === null) return false;
    if (citizen.words.take(now)) {
      const message: ChatMessage = { session: client.sessionId, name: citizen.state.name, text, time: now };
      this.#tellThoseNear(citizen, "chat", message);
    } else this.#refuse(client, "world_rate_must_not_exceed_limit");
    return true;
  }

  #gesture(client: Client, citizen: Inside, parsed: Parsed<typeof gestureSchema>, now: number): boolean {
    if (!parsed.success) return false;
    if (citizen.gestures.take(now)) {
      const message: GestureMessage = { session: client.sessionId, gesture: parsed.data.gesture };
      this.#tellThoseNear(citizen, "gesture", message);
    } else this.#refuse(client, "world_rate_must_not_exceed_limit");
    return true;
  }

  /** The speaker hears it too: that is how a client knows that it was said. */
  #tellThoseNear(citizen: Inside, type: string, message: ChatMessage | GestureMessage): void {
    for (const { key } of this.#grid.within(placeOf(citizen.state), hearingMetres))
      this.clients.get(key)?.send(type, message);
  }

  /** Brings a client's view in line with who is near. */
  #look(client: Client, citizen: Inside): void {
    const view = client.view;
    if (view === undefined) return;
    const seen = this.#grid.seenBy(client.sessionId, placeOf(citizen.state), citizen.seen);
    for (const key of citizen.seen) {
      const other = this.state.citizens.get(key);
      if (!seen.has(key) && other !== undefined) view.remove(other);
    }
    for (const key of seen) {
      const other = this.state.citizens.get(key);
      if (!citizen.seen.has(key) && other !== undefined) view.add(other);
    }
    citizen.seen = seen;
  }

  #refuse(client: Client, name: RefusedMessage["name"]): void {
    client.send("refused", { name } satisfies RefusedMessage);
  }

  #refuseEntry(client: Client, name: RefusedMessage["name"]): void {
    this.#surroundings.log.info({ refusal: name }, "entry refused");
    this.#refuse(client, name);
    this.#close(client, closeCodes.joinRefused, name);
  }

  /** Ends a session at once; the socket follows. */
  #close(client: Client, code: number, reason: string): void {
    this.#forget(client);
    client.leave(code, reason);
  }

  #forget(client: Client): void {
    const { sessionId } = client;
    clearTimeout(this.#timers.get(sessionId));
    this.#timers.delete(sessionId);
    const session = this.#sessions.get(sessionId);
    this.#sessions.delete(sessionId);
    this.#grid.remove(sessionId);
    if (session?.stage !== "inside") return;
    const { account, presence } = session.citizen;
    const { sessions } = this.#surroundings;
    if (sessions.get(account) === presence) sessions.delete(account);
    this.state.citizens.delete(sessionId);
    client.view?.dispose();
  }
}

type Parsed<Schema extends z.ZodType> = z.ZodSafeParseResult<z.infer<Schema>>;

const placeOf = (state: CitizenState): { x: number; y: number } => ({ x: state.x / 100, y: state.y / 100 });
