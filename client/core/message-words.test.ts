import { beforeEach, expect, it } from "vitest";
import { type Message, messageSchema } from "../../ledger/protocol/transaction.ts";
import { learnName } from "./directory.ts";
import { dateTime } from "./format.ts";
import { language } from "./language.ts";
import { eventLines, eventWords, messageWords, slotLabel } from "./message-words.ts";

const ada = "a".repeat(40);
const ben = "b".repeat(40);
const context = { slotSeconds: 60, deviceName: (device: string) => `the ${device}` };
const slot = 29_922_565;
const label = slotLabel(slot, 60);

beforeEach(() => {
  language.value = "en";
  learnName(ada, "Ada");
  learnName(ben, "Ben");
});

const node = "e".repeat(40);
const proposal = `${"d".repeat(64)}.0`;
const sentences: readonly (readonly [Message, string])[] = [
  [{ type: "accounts/register", by: ada, name: "Ada", key: "c".repeat(64) }, "Ada became a citizen"],
  [{ type: "accounts/add-key", by: ada, key: "c".repeat(64), label: "Phone" }, "Ada added a key to the account"],
  [{ type: "accounts/remove-key", by: ada, key: "c".repeat(64) }, "Ada removed a key from the account"],
  [
    { type: "accounts/replace-key", by: ada, old: "c".repeat(64), key: `02${"d".repeat(64)}`, rpId: "localhost" },
    "Ada replaced a key of the account",
  ],
  [
    { type: "accounts/grant-role", by: ada, account: ben, role: "grid-operator", scope: "district/3" },
    "Ada gave Ben a role: grid operator (district/3)",
  ],
  [
    { type: "accounts/grant-role", by: ada, account: ben, role: "court", untilMs: Date.UTC(2027, 5, 30, 12) },
    `Ada gave Ben a role until ${dateTime(Date.UTC(2027, 5, 30, 12))}: court`,
  ],
  [{ type: "accounts/revoke-role", by: ada, account: ben, role: "court" }, "Ada took a role back from Ben: court"],
  [
    { type: "accounts/set-guardians", by: ada, members: [ben], threshold: 1, delayMs: 86_400_000 },
    "Ada chose guardians: Ben (1 must agree)",
  ],
  [
    { type: "accounts/propose-recovery", by: ben, account: ada, key: "c".repeat(64) },
    "Ben proposed a new key for the account of Ada",
  ],
  [
    { type: "accounts/approve-recovery", by: ben, account: ada, key: "c".repeat(64) },
    "Ben agreed to a new key for the account of Ada",
  ],
  [
    { type: "accounts/complete-recovery", by: ben, account: ada, key: "c".repeat(64) },
    "Ben completed the recovery of the account of Ada",
  ],
  [{ type: "accounts/veto-recovery", by: ada }, "Ada vetoed the recovery of the account"],
  [{ type: "money/transfer", by: ada, to: ben, amount: "2500000" }, "Ada sent 2.50 to Ben"],
  [
    { type: "money/reserve", by: ada, to: ben, amount: "2500000", expiresMs: 1_800_000_000_000 },
    "Ada set aside 2.50 for Ben",
  ],
  [{ type: "money/post-reserved", by: ben, reserve: `${"d".repeat(64)}.0` }, "Ben paid out money that was set aside"],
  [{ type: "money/void-reserved", by: ben, reserve: `${"d".repeat(64)}.0` }, "Ben gave back money that was set aside"],
  [{ type: "money/set-limits", by: ada, perDay: "0" }, "Ada set spending limits"],
  [{ type: "money/cancel-raise", by: ada }, "Ada took back a raise of spending limits"],
  [{ type: "energy/link-meter", by: ada, meter: "meter-0001" }, "Ada linked the home meter the meter-0001"],
  [{ type: "energy/unlink-meter", by: ada, meter: "meter-0001" }, "Ada gave back the home meter the meter-0001"],
  [
    { type: "energy/offer", by: ada, meter: "meter-0001", slot, energyWh: "1200", price: "140000" },
    `Ada offered 1.20 kWh at 0.14 or more in slot ${label}`,
  ],
  [
    { type: "energy/bid", by: ben, slot, energyWh: "1000", price: "200000" },
    `Ben wants 1.00 kWh at 0.20 or less in slot ${label}`,
  ],
  [
    { type: "energy/cancel-order", by: ben, slot, order: `${"d".repeat(64)}.0` },
    `Ben withdrew an order of slot ${label}`,
  ],
  [
    { type: "telemetry/register-device", by: ada, device: "lamp-01", kind: "lamp", key: "e".repeat(64) },
    "The city put a device on the register: the lamp-01 (Street lamp)",
  ],
  [
    { type: "telemetry/anchor-log", by: ada, size: 12345, root: "f".repeat(64), time: "2026-11-22T12:00:00.000Z" },
    "The city anchored 12,345 readings",
  ],
  [
    {
      type: "validators/propose",
      by: ada,
      change: { kind: "add", key: "c".repeat(64), power: 1_000, account: ben, name: "North" },
    },
    `Ada proposed North as a validator with power 1,000, for whom Ben speaks (key ${"c".repeat(64)})`,
  ],
  [
    { type: "validators/propose", by: ada, change: { kind: "remove", address: node } },
    `Ada proposed to remove the validator ${node}`,
  ],
  [
    { type: "validators/propose", by: ada, change: { kind: "weigh", address: node, power: 7 } },
    `Ada proposed to give the validator ${node} the power 7`,
  ],
  [
    { type: "validators/propose", by: ada, change: { kind: "release", address: node, power: 7 } },
    `Ada proposed to let the jailed validator ${node} vote again, with power 7`,
  ],
  [
    { type: "validators/propose", by: ada, change: { kind: "upgrade", height: 1_000, version: 2 } },
    "Ada proposed version 2 of the ledger from block 1,000 on",
  ],
  [{ type: "validators/vote", by: ben, proposal, yes: true }, `Ben voted for the proposal ${proposal}`],
  [{ type: "validators/vote", by: ben, proposal, yes: false }, `Ben voted against the proposal ${proposal}`],
  [
    { type: "validators/rotate-key", by: ada, key: "c".repeat(64) },
    `Ada gave their validator a new key (${"c".repeat(64)})`,
  ],
  [{ type: "validators/leave", by: ada }, "Ada ended being a validator"],
];

it.each(sentences)("says %o", (message, words) => {
  expect(messageWords(message, context)).toBe(words);
});

it("tells session keys and the end of guardians apart", () => {
  const scope = { messages: ["energy"], untilMs: 1 };
  expect(messageWords({ type: "accounts/add-key", by: ada, key: "c".repeat(64), scope }, context)).toBe(
    "Ada added a key with few rights, for a time",
  );
  const none = { type: "accounts/set-guardians", by: ada, members: [], threshold: 0, delayMs: 0 };
  expect(messageWords(none, context)).toBe("Ada chose to have no guardians");
});

it("has a sentence for every type of message", () => {
  const types = messageSchema.options.map((option) => option.shape.type.value);
  expect(new Set(sentences.map(([message]) => message.type))).toEqual(new Set(types));
});

it("says that it does not know what is unknown or damaged", () => {
  for (const value of [null, {}, { type: "titles/sell", by: ada }, { type: "energy/bid", by: ada }, "text"])
    expect(messageWords(value, context)).toBe("A kind of transaction that this page does not know yet");
});

it("says how a slot ended", () => {
  const cleared = {
    type: "energy/slot-cleared",
    attributes: { slot: String(slot), tradedWh: "1000", price: "116000" },
  };
  expect(eventWords(cleared, context)).toBe(`Slot ${label} cleared: 1.00 kWh at 0.116`);
  const empty = { type: "energy/slot-cleared", attributes: { slot: String(slot), tradedWh: "0" } };
  expect(eventWords(empty, context)).toBe(`Slot ${label} closed without a trade`);
  const traded = {
    type: "energy/trade",
    attributes: { slot: String(slot), seller: ada, buyer: ben, energyWh: "1000", price: "150000", amount: "150000" },
  };
  expect(eventWords(traded, context)).toBe("Ada sold 1.00 kWh to Ben for 0.15 each");
  expect(eventLines([traded, cleared], context).map(({ text }) => text.split(" ")[0])).toEqual(["Slot", "Ada"]);
  const expired = { type: "money/expired", attributes: { from: ada, to: ben, released: "2000000" } };
  expect(eventWords(expired, context)).toBe("2.00 that Ada had set aside for Ben went back: the time was over");
  expect(eventWords({ type: "money/expired", attributes: {} }, context)).toBeNull();
  const misbehaved = (jailed: string) =>
    eventWords({ type: "validators/misbehaved", attributes: { account: ben, height: "1200", jailed } }, context);
  expect(misbehaved("true")).toBe("The validator of Ben was jailed: it signed at block 1,200 what it must not");
  expect(misbehaved("false")).toBe(
    "The validator of Ben signed at block 1,200 what it must not, and stays because it is the last",
  );
  expect(eventWords({ type: "energy/trade", attributes: {} }, context)).toBeNull();
  expect(eventWords({ type: "accounts/moved", attributes: {} }, context)).toBeNull();
});
