// Virtual time through the real engine and the real store: a random workload, an anchor every minute, slots that clear, expiries and
// restarts, under a clock that moves only when everything is done. All invariants over the whole state every hour, a replay at the end.

import assert from "node:assert/strict";
import { ed25519 } from "@noble/curves/ed25519.js";
import { replayChain } from "../../ledger/consensus/replay.ts";
import {
  ManualClock,
  makeTestFolder,
  newApplication,
  openTestChain,
  type Person,
  person,
  removeTestFolder,
  type TestChain,
} from "../../ledger/consensus/test-chain.ts";
import { enabledModules } from "../../ledger/modules/enabled.ts";
import { brokenByState } from "../../ledger/modules/invariant-check.ts";
import type { Draw } from "../../ledger/modules/module.ts";
import { unsoundKeys } from "../../ledger/modules/test-city.ts";
import type { AccountRecord } from "../../ledger/protocol/accounts.ts";
import { fromUtf8 } from "../../ledger/protocol/bytes.ts";
import { type Message, signTransaction, transactionBytes } from "../../ledger/protocol/transaction.ts";
import { randomFrom } from "./random.ts";

const stepMs = 5_000;
const minuteMs = 60_000;

/** Runs so many virtual minutes. Answers a line on what came of it. @throws when something does not hold. */
export async function runCityTime(minutes: number, seed: number, told = (_: number): void => {}): Promise<string> {
  const folder = await makeTestFolder();
  const clock = new ManualClock(Date.UTC(2030, 0, 1));
  const random = randomFrom(seed);
  let chain = await openTestChain({ folder, clock });
  const people = new Map<string, Person>([[chain.registrar.id, chain.registrar]]);
  /** Secrets of everyone but the registrar, by public key. */
  const secrets = new Map<string, Uint8Array>();
  let [sent, restarts, anchors] = [0, 0, 0];
  const send = async (who: Person, message: Message): Promise<void> => {
    // The key may by now be another account's: whoever signs acts for the account that the message names.
    const body = (await who.sign(chain.genesis.chain, chain.engine.height + 100, [message])).body;
    const secret = secrets.get(who.key);
    const transaction =
      secret === undefined
        ? await who.sign(chain.genesis.chain, chain.engine.height + 100, [message])
        : await signTransaction(body, message.by, who.key, async (bytes) => ed25519.sign(bytes, secret));
    const answer = await chain.engine.submit(transactionBytes(transaction));
    if (answer.ok) sent++;
  };
  try {
    await chain.engine.start();
    for (let minute = 0; minute < minutes; minute++) {
      const time = new Date(clock.nowMs()).toISOString();
      const root = random(2 ** 32)
        .toString(16)
        .padStart(64, "0");
      await send(chain.registrar, {
        type: "telemetry/anchor-log",
        by: chain.registrar.id,
        size: ++anchors,
        root,
        time,
      });
      for (let ms = 0; ms < minuteMs; ms += stepMs) {
        for (let n = random(3); n > 0; n--) await sendAny(chain, clock, random, people, secrets, send);
        clock.advance(stepMs);
        await settled(chain, clock);
      }
      if (random(180) === 0) {
        restarts++;
        await chain.close();
        chain = await openTestChain({ folder, clock });
        await chain.engine.start();
      }
      if (minute % 60 === 59) audit(chain);
      told(minute + 1);
    }
    audit(chain);
    const { height } = chain.engine;
    assert(height > minutes && sent > minutes, `${height} blocks and ${sent} transactions in ${minutes} minutes`);
    await chain.engine.stop();
    const replayed = await replayChain(chain.store, chain.builder, newApplication());
    assert.equal(replayed.fault, null);
    return `${minutes} virtual minutes, ${height} blocks, ${replayed.transactions} transactions, ${restarts} restarts`;
  } finally {
    await chain.close();
    await removeTestFolder(folder);
  }
}

async function sendAny(
  { application }: TestChain,
  clock: ManualClock,
  random: (below: number) => number,
  people: Map<string, Person>,
  secrets: Map<string, Uint8Array>,
  send: (who: Person, message: Message) => Promise<void>,
): Promise<void> {
  const newcomer = (): { account: string; key: string } => {
    const secret = Uint8Array.from({ length: 32 }, () => random(256));
    const who = person(secret);
    people.set(who.id, who);
    secrets.set(who.key, secret);
    return { account: who.id, key: who.key };
  };
  const read = <T>(name: string): T | null => {
    const { value } = application.query(name, { prove: false });
    return value === null ? null : (JSON.parse(fromUtf8(value)) as T);
  };
  const citizens = [...people.keys()].filter((id) => read(`accounts/account/${id}`) !== null);
  const [registrar] = citizens;
  const draw: Draw = {
    random,
    state: { get: read, list: (prefix, limit) => application.list(prefix, { limit }).map(([name]) => name) },
    timeMs: clock.nowMs(),
    citizens,
    newcomer,
    newKey: () => newcomer().key,
    unsoundKey: () => unsoundKeys[random(unsoundKeys.length)]!,
    service: () => registrar!,
  };
  const operations = enabledModules.flatMap(({ workload }) => workload);
  const message = operations[random(operations.length)]!(draw);
  // With a key that the account holds now; who is not registered yet signs with the one it registers.
  const keys = message === null ? [] : (read<AccountRecord>(`accounts/account/${message.by}`)?.keys ?? []);
  const held = keys
    .map(({ key }) => [...people.values()].find((one) => one.key === key))
    .filter((one) => one !== undefined);
  const who = held.length > 0 ? held[random(held.length)] : people.get(message?.by ?? "");
  // Anchors come every minute, from the city itself.
  if (message !== null && who !== undefined && message.type !== "telemetry/anchor-log") await send(who, message);
}

/** Waits until the engine waits for the clock again. */
async function settled(chain: TestChain, clock: ManualClock): Promise<void> {
  const deadline = Date.now() + 60_000;
  do {
    await new Promise((resolve) => setImmediate(resolve));
    assert(Date.now() < deadline, "the engine does not come to rest");
    assert.deepEqual(chain.fatal, []);
  } while (!clock.isAwaited);
}

function audit({ application }: TestChain): void {
  const entries = application.list("", { limit: 1_000_000 });
  const broken = brokenByState(
    enabledModules,
    entries.map(([name, value]) => [name, JSON.parse(fromUtf8(value)) as unknown] as const),
  );
  assert.equal(broken, null);
}
