// The mempool: bounds, lanes, fairness, and random use against a model that is written differently.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Lane } from "../modules/application.ts";
import { type BlockRoom, chooseTransactions } from "./block-choice.ts";
import { Mempool, type MempoolLimits, mempoolLimits, type PendingTransaction } from "./mempool.ts";

let made = 0;

function pending(by: string | readonly string[], parts: Partial<PendingTransaction> & { size?: number } = {}) {
  const { size = 10, ...rest } = parts;
  made++;
  return {
    id: `id-${made}`,
    hash: `hash-${made}`,
    bytes: new Uint8Array(size),
    by: typeof by === "string" ? [by] : by,
    expires: 100,
    lane: "citizen",
    registrations: 0,
    rests: { names: [], prefixes: [] },
    ...rest,
  } satisfies PendingTransaction;
}

const small: MempoolLimits = {
  transactionsMax: 12,
  bytesMax: 12_000,
  transactionsPerAccountMax: 4,
  bytesPerAccountMax: 3_000,
  anchors: { transactions: 2, bytes: 2_000 },
  servicesReserve: { transactions: 2, bytes: 2_000 },
  citizensReserve: { transactions: 2, bytes: 2_000 },
  newcomersMax: { transactions: 3, bytes: 3_000 },
  blockMs: 200,
  blockTransactions: 5,
};

const nameOf = (answer: ReturnType<Mempool["add"]>): string => (answer.ok ? "taken" : answer.name);
const wholeBlock: BlockRoom = { transactions: 2_000, bytes: 1_000_000, registrations: 200 };
const chosen = (mempool: Mempool, room: Partial<BlockRoom> = {}): readonly PendingTransaction[] =>
  chooseTransactions(mempool, { ...wholeBlock, ...room });

/** Makes a block of what is chosen. */
function block(mempool: Mempool, room: Partial<BlockRoom> = {}): readonly PendingTransaction[] {
  const transactions = chosen(mempool, room);
  mempool.propose(transactions);
  mempool.remove(transactions.map(({ id }) => id));
  return transactions;
}

describe("bounds", () => {
  test("each account's share of count and bytes, with a hint when to try again", () => {
    const mempool = new Mempool(small);
    for (let i = 0; i < 4; i++) expect(nameOf(mempool.add(pending("a")))).toBe("taken");
    expect(mempool.add(pending("a"))).toMatchObject({
      name: "transaction_mempool_share_must_not_be_exceeded",
      params: { account: "a", limit: 4, retryMs: 200 },
    });
    expect(nameOf(mempool.add(pending(["b", "a"])))).toBe("transaction_mempool_share_must_not_be_exceeded");
    expect(nameOf(mempool.add(pending("b", { size: 3_001 })))).toBe("transaction_mempool_share_must_not_be_exceeded");
    expect(nameOf(mempool.add(pending("b", { size: 3_000 })))).toBe("taken");
    expect(nameOf(mempool.add(pending("b", { size: 1 })))).toBe("transaction_mempool_share_must_not_be_exceeded");
    expect(mempool.countOf("a")).toBe(4);
  });

  test("an id that waits already is refused, whatever its signatures", () => {
    const mempool = new Mempool(small);
    const first = pending("a");
    mempool.add(first);
    expect(nameOf(mempool.add({ ...first, hash: "other", bytes: new Uint8Array(11) }))).toBe(
      "transaction_must_not_be_repeated",
    );
    expect(mempool.idOfHash(first.hash)).toBe(first.id);
    expect(mempool.idOfHash("other")).toBeUndefined();
  });

  test("each lane's reserve is out of reach of the lanes after it", () => {
    const mempool = new Mempool(small);
    // 12 in all: 2 for anchors, 2 for services, 8 for others of which 3 newcomers at most.
    for (let i = 0; i < 4; i++)
      expect(nameOf(mempool.add(pending(`new${i}`, { lane: "newcomer" })))).toBe(
        i < 3 ? "taken" : "transaction_mempool_must_have_room",
      );
    for (let i = 0; i < 6; i++)
      expect(nameOf(mempool.add(pending(`c${i}`)))).toBe(i < 5 ? "taken" : "transaction_mempool_must_have_room");
    for (let i = 0; i < 3; i++)
      expect(nameOf(mempool.add(pending(`s${i}`, { lane: "service" })))).toBe(
        i < 2 ? "taken" : "transaction_mempool_must_have_room",
      );
    for (let i = 0; i < 3; i++)
      expect(nameOf(mempool.add(pending(`t${i}`, { lane: "anchor" })))).toBe(
        i < 2 ? "taken" : "transaction_mempool_must_have_room",
      );
    expect(mempool.figures.lanes).toEqual({
      anchor: { transactions: 2, bytes: 20 },
      service: { transactions: 2, bytes: 20 },
      citizen: { transactions: 5, bytes: 50 },
      newcomer: { transactions: 3, bytes: 30 },
    });
    expect({ size: mempool.size, bytes: mempool.bytes }).toEqual({ size: 12, bytes: 120 });
  });

  test("what is removed or dropped makes room and is forgotten", () => {
    const mempool = new Mempool(small);
    const [one, two] = [pending("a"), pending("a")];
    mempool.add(one);
    mempool.add(two);
    mempool.remove([one.id, one.id, "unknown"]);
    mempool.drop(two.id, "transaction_must_not_be_expired");
    mempool.drop(two.id, "transaction_must_not_be_expired");
    expect(mempool.figures).toMatchObject({
      transactions: 0,
      bytes: 0,
      dropped: { transaction_must_not_be_expired: 1 },
    });
    expect(mempool.idOfHash(one.hash)).toBeUndefined();
    expect(mempool.countOf("a")).toBe(0);
    expect(chosen(mempool)).toEqual([]);
  });
});

describe("fairness", () => {
  test("accounts take turns, and each one's own stay in order of arrival", () => {
    const mempool = new Mempool();
    const burst = Array.from({ length: 5 }, () => pending("a"));
    const late = [pending("b"), pending("c"), pending("b")];
    for (const each of [...burst, ...late]) mempool.add(each);
    expect(chosen(mempool)).toEqual([burst[0], late[0], late[1], burst[1], late[2], burst[2], burst[3], burst[4]]);
  });

  test("who comes after a block stands behind what was served, not behind all that waits", () => {
    const mempool = new Mempool();
    for (let i = 0; i < 200; i++) mempool.add(pending("a"));
    expect(block(mempool, { transactions: 100 }).length).toBe(100);
    const citizen = pending("b");
    mempool.add(citizen);
    expect(chosen(mempool).indexOf(citizen)).toBeLessThan(2);
  });

  test("large transactions take several turns, so that they do not fill blocks that many wait for", () => {
    const mempool = new Mempool();
    for (let i = 0; i < 40; i++) mempool.add(pending(`large${i}`, { size: 65_000 }));
    for (let i = 0; i < 40; i++) mempool.add(pending(`large${i}`, { size: 65_000 }));
    const citizens = Array.from({ length: 50 }, (_, i) => pending(`c${i}`, { size: 400 }));
    for (const each of citizens) mempool.add(each);
    expect(block(mempool).slice(0, 50)).toEqual(citizens);
    // They are not put off for ever by small ones that keep coming.
    for (let blocks = 0; mempool.size > 0; blocks++) {
      expect(blocks).toBeLessThan(10);
      for (let i = 0; i < 20; i++) mempool.add(pending(`c${i}`, { size: 400 }));
      block(mempool);
    }
  });

  test("a transaction of several accounts waits for the earlier ones of each", () => {
    const mempool = new Mempool();
    const ofB = Array.from({ length: 4 }, () => pending("b"));
    for (const each of ofB) mempool.add(each);
    const both = pending(["a", "b"]);
    const after = pending("a");
    mempool.add(both);
    mempool.add(after);
    expect(chosen(mempool)).toEqual([...ofB, both, after]);
  });

  test("when full, who waits for most makes room for who waits for less, newest first", () => {
    const mempool = new Mempool(small);
    const burst = Array.from({ length: 4 }, () => pending("a"));
    for (const each of burst) mempool.add(each);
    for (let i = 0; i < 4; i++) mempool.add(pending(`c${i}`));
    const citizen = pending("d");
    expect(mempool.add(citizen)).toEqual({ ok: true, pushedOut: [burst[3]] });
    expect(nameOf(mempool.add(pending("e")))).toBe("taken");
    expect(nameOf(mempool.add(pending("f")))).toBe("taken");
    // Now all have one each: nobody makes room for who would then have as much.
    expect(nameOf(mempool.add(pending("g")))).toBe("transaction_mempool_must_have_room");
    expect(nameOf(mempool.add(pending("a")))).toBe("transaction_mempool_must_have_room");
    expect(mempool.figures.dropped).toEqual({ transaction_mempool_place_must_be_kept: 3 });
    expect(mempool.countOf("a")).toBe(1);
  });

  test("what stands in a block under way counts until it is removed, makes room for nobody and is in no other block", () => {
    const mempool = new Mempool(small);
    const burst = Array.from({ length: 4 }, () => pending("a"));
    for (const each of burst) mempool.add(each);
    for (let i = 0; i < 4; i++) mempool.add(pending(`c${i}`));
    const inBlock = burst.slice(0, 2);
    mempool.propose(inBlock);
    mempool.propose([...inBlock, pending("unknown")]);
    expect(mempool.figures).toMatchObject({
      transactions: 8,
      bytes: 80,
      lanes: { citizen: { transactions: 8, bytes: 80 } },
    });
    expect(mempool.countOf("a")).toBe(4);
    expect(nameOf(mempool.add(pending("a")))).toBe("transaction_mempool_share_must_not_be_exceeded");
    expect(nameOf(mempool.add(inBlock[0]!))).toBe("transaction_must_not_be_repeated");
    // Of the four only the two that wait count for taking turns, and only the newest of them can go.
    expect(mempool.add(pending("d"))).toEqual({ ok: true, pushedOut: [burst[3]] });
    expect(nameOf(mempool.add(pending("e")))).toBe("transaction_mempool_must_have_room");
    expect(chosen(mempool).filter(({ by }) => by.includes("a"))).toEqual([burst[2]]);
    expect([...mempool].slice(0, 3)).toEqual(burst.slice(0, 3));
    mempool.drop(burst[1]!.id, "transaction_mempool_place_must_be_kept");
    mempool.remove(inBlock.map(({ id }) => id));
    expect(mempool.figures.lanes.citizen).toEqual({ transactions: 6, bytes: 60 });
    expect(mempool.countOf("a")).toBe(1);
  });

  test("no lane stops another: anchors first, services half, newcomers a tenth, and what is left over to whom it serves", () => {
    const mempool = new Mempool();
    const fill = (lane: Lane, count: number): void => {
      for (let i = 0; i < count; i++) mempool.add(pending(`${lane}${i % 60}`, { lane }));
    };
    fill("newcomer", 100);
    fill("citizen", 100);
    fill("service", 100);
    fill("anchor", 4);
    const count = (transactions: readonly PendingTransaction[]): Partial<Record<Lane, number>> =>
      Object.fromEntries(
        Object.entries(Object.groupBy(transactions, ({ lane }) => lane)).map(([lane, all]) => [lane, all.length]),
      );
    expect(count(chosen(mempool, { transactions: 100 }))).toEqual({
      anchor: 4,
      service: 48,
      newcomer: 10,
      citizen: 38,
    });
    expect(
      chosen(mempool, { transactions: 100 })
        .slice(0, 4)
        .map(({ lane }) => lane),
    ).toEqual(Array(4).fill("anchor"));
    expect(count(chosen(mempool))).toEqual({ anchor: 4, service: 100, newcomer: 100, citizen: 100 });
  });

  test("registrations beyond what a block takes wait, and hold up nobody", () => {
    const mempool = new Mempool();
    const several = Array.from({ length: 3 }, (_, i) => pending(`n${i}`, { lane: "newcomer", registrations: 4 }));
    const other = pending("n4", { lane: "newcomer" });
    for (const each of [...several, other]) mempool.add(each);
    expect(block(mempool, { registrations: 9 })).toEqual([several[0], several[1], other]);
    expect(block(mempool, { registrations: 9 })).toEqual([several[2]]);
  });
});

describe("floods", () => {
  const anchor = () => pending("twin", { lane: "anchor", size: 600 });

  function expectOthersGetIn(mempool: Mempool): void {
    const checkpoint = anchor();
    const citizen = pending("a citizen who wants one thing", { size: 500 });
    const service = pending("registrar", { lane: "service", size: 500 });
    for (const each of [checkpoint, citizen, service]) expect(nameOf(mempool.add(each))).toBe("taken");
    const next = block(mempool);
    expect(next[0]).toBe(checkpoint);
    expect(next).toContain(citizen);
    expect(next).toContain(service);
  }

  test("by one account", () => {
    const mempool = new Mempool();
    for (let i = 0; i < 10_000; i++) mempool.add(pending("flooder", { size: 500 }));
    expect(mempool.size).toBe(mempoolLimits.transactionsPerAccountMax);
    expectOthersGetIn(mempool);
  });

  test("by one account with large transactions", () => {
    const mempool = new Mempool();
    for (let i = 0; i < 1_000; i++) mempool.add(pending("flooder", { size: 65_536 }));
    expect(mempool.bytes).toBeLessThanOrEqual(mempoolLimits.bytesPerAccountMax);
    expectOthersGetIn(mempool);
  });

  test.each([500, 65_536])("by many accounts with transactions of %d bytes, until it is full", (size) => {
    const mempool = new Mempool();
    let refused = 0;
    for (let round = 0; round < 100; round++)
      for (let i = 0; i < 100; i++) refused += mempool.add(pending(`flooder${i}`, { size })).ok ? 0 : 1;
    expect(refused).toBeGreaterThan(0);
    expectOthersGetIn(mempool);
  });

  test("by made-up accounts that want to register", () => {
    const mempool = new Mempool();
    for (let i = 0; i < 10_000; i++)
      mempool.add(pending(`nobody${i}`, { lane: "newcomer", registrations: 1, size: 500 }));
    expect(mempool.size).toBe(mempoolLimits.newcomersMax.transactions);
    expectOthersGetIn(mempool);
  });

  test("by services that are out of order", () => {
    const mempool = new Mempool();
    for (let i = 0; i < 10_000; i++) mempool.add(pending(`service${i % 30}`, { lane: "service", size: 500 }));
    expectOthersGetIn(mempool);
  });
});

describe("random use agrees with a model", () => {
  /** All in one list in order of arrival; whatever is asked is worked out from it. */
  interface Model {
    waiting: PendingTransaction[];
    /** Those of them that stand in the block under way. */
    underWay: readonly PendingTransaction[];
  }
  const turns = (each: PendingTransaction): number => 1 + Math.floor(each.bytes.length / 4_096);
  const sum = (all: readonly PendingTransaction[], what: (each: PendingTransaction) => number): number =>
    all.reduce((total, each) => total + what(each), 0);
  const large: MempoolLimits = { ...small, bytesMax: 60_000, bytesPerAccountMax: 30_000 };

  function fits(waiting: readonly PendingTransaction[], limits: MempoolLimits): boolean {
    const of = (...lanes: Lane[]): PendingTransaction[] => waiting.filter(({ lane }) => lanes.includes(lane));
    const within = (all: PendingTransaction[], transactions: number, bytes: number): boolean =>
      all.length <= transactions && sum(all, (each) => each.bytes.length) <= bytes;
    const { anchors, servicesReserve, citizensReserve, newcomersMax } = limits;
    const [most, bytes] = [limits.transactionsMax - anchors.transactions, limits.bytesMax - anchors.bytes];
    return (
      within(of("anchor"), anchors.transactions, anchors.bytes) &&
      within(of("service", "citizen", "newcomer"), most, bytes) &&
      within(of("citizen", "newcomer"), most - servicesReserve.transactions, bytes - servicesReserve.bytes) &&
      within(of("service"), most - citizensReserve.transactions, bytes - citizensReserve.bytes) &&
      within(of("newcomer"), newcomersMax.transactions, newcomersMax.bytes)
    );
  }

  const step = fc.oneof(
    fc.record({
      kind: fc.constant("add" as const),
      by: fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "e"), { minLength: 1, maxLength: 2 }),
      lane: fc.constantFrom<Lane>("anchor", "service", "citizen", "citizen", "citizen", "newcomer"),
      size: fc.oneof(
        { weight: 4, arbitrary: fc.integer({ min: 1, max: 900 }) },
        fc.integer({ min: 4_000, max: 9_000 }),
      ),
    }),
    fc.record({ kind: fc.constant("drop" as const), which: fc.nat() }),
    fc.record({ kind: fc.constant("block" as const), transactions: fc.integer({ min: 1, max: 6 }) }),
  );

  test("bounds hold, nothing is lost or doubled, and everyone's own keep their order", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const mempool = new Mempool(large);
        const model: Model = { waiting: [], underWay: [] };
        for (const each of steps) {
          if (each.kind === "add") {
            const transaction = pending(each.by, { lane: each.lane, size: each.size });
            const own = (account: string) => model.waiting.filter(({ by }) => by.includes(account));
            const overShare = each.by.some(
              (account) =>
                own(account).length >= large.transactionsPerAccountMax ||
                sum(own(account), ({ bytes }) => bytes.length) + each.size > large.bytesPerAccountMax,
            );
            const answer = mempool.add(transaction);
            expect(nameOf(answer) === "transaction_mempool_share_must_not_be_exceeded").toBe(overShare);
            if (overShare) continue;
            if (!answer.ok) {
              expect(fits([...model.waiting, transaction], large)).toBe(false);
              continue;
            }
            // Pushed out: the newest of one account of the lane, no more than needed, and it still waits for as much or more.
            const { pushedOut } = answer;
            const left = model.waiting.filter((other) => !pushedOut.includes(other));
            expect(fits([...left, transaction], large)).toBe(true);
            if (pushedOut.length > 0) {
              expect(fits([...left, pushedOut.at(-1)!, transaction], large)).toBe(false);
              const inLane = left.filter((other) => other.lane === each.lane && !model.underWay.includes(other));
              const turnsIn = (account: string): number =>
                sum(
                  inLane.filter(({ by }) => by.includes(account)),
                  turns,
                );
              const victims = ["a", "b", "c", "d", "e"].filter((account) =>
                pushedOut.every(({ by }) => by.includes(account)),
              );
              const newest = (account: string): PendingTransaction[] =>
                model.waiting
                  .filter((other) => other.lane === each.lane && other.by.includes(account))
                  .filter((other) => !model.underWay.includes(other))
                  .slice(-pushedOut.length)
                  .reverse();
              const wanted = turns(transaction) + Math.max(...each.by.map((account) => turnsIn(account)));
              expect(
                victims.some(
                  (account) =>
                    JSON.stringify(newest(account).map(({ id }) => id)) ===
                      JSON.stringify(pushedOut.map(({ id }) => id)) && turnsIn(account) >= wanted - turns(transaction),
                ),
              ).toBe(true);
            }
            model.waiting = [...left, transaction];
          } else if (each.kind === "drop") {
            const gone = model.waiting[each.which % Math.max(1, model.waiting.length)];
            if (gone === undefined) continue;
            mempool.drop(gone.id, "transaction_must_not_be_expired");
            model.waiting = model.waiting.filter((other) => other !== gone);
          } else if (model.underWay.length > 0) {
            mempool.remove(model.underWay.map(({ id }) => id));
            model.waiting = model.waiting.filter((other) => !model.underWay.includes(other));
            model.underWay = [];
          } else {
            const transactions = chosen(mempool, { transactions: each.transactions, bytes: 20_000 });
            mempool.propose(transactions);
            expect(transactions.length).toBeLessThanOrEqual(each.transactions);
            for (const [at, taken] of transactions.entries()) {
              expect(model.waiting).toContain(taken);
              // Within a lane nothing of one of its accounts that came before still waits.
              const earlier = model.waiting.slice(0, model.waiting.indexOf(taken));
              for (const other of earlier)
                expect(
                  other.lane === taken.lane &&
                    other.by.some((account) => taken.by.includes(account)) &&
                    !transactions.slice(0, at).includes(other),
                ).toBe(false);
            }
            model.underWay = transactions;
            if (model.waiting.length > 0 && transactions.length === 0)
              expect(Math.min(...model.waiting.map(({ bytes }) => bytes.length))).toBeGreaterThan(100);
          }
          expect([...mempool].map(({ id }) => id)).toEqual(model.waiting.map(({ id }) => id));
          expect(mempool.bytes).toBe(sum(model.waiting, ({ bytes }) => bytes.length));
          for (const account of ["a", "b", "c", "d", "e"])
            expect(mempool.countOf(account)).toBe(model.waiting.filter(({ by }) => by.includes(account)).length);
        }
        mempool.remove(model.underWay.map(({ id }) => id));
        model.waiting = model.waiting.filter((other) => !model.underWay.includes(other));
        const all: string[] = [];
        for (let left = mempool.size; left > 0; ) {
          const next = block(mempool);
          expect(next.length).toBeGreaterThan(0);
          all.push(...next.map(({ id }) => id));
          left -= next.length;
        }
        expect(all.sort()).toEqual(model.waiting.map(({ id }) => id).sort());
      }),
      { numRuns: 300 },
    );
  });

  test("between two blocks no account is served twice before one that waited longer is served once", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("a", "b", "c", "d", "e", "f"), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 9 }),
        (arrivals, perBlock) => {
          const mempool = new Mempool();
          const waiting = arrivals.map((by) => pending(by));
          for (const each of waiting) mempool.add(each);
          const order: string[] = [];
          while (mempool.size > 0) order.push(...block(mempool, { transactions: perBlock }).map(({ by }) => by[0]!));
          // The model: rounds, and in each one transaction of everybody who has any left, in order of arrival.
          const rounds: string[] = [];
          const left = [...waiting];
          while (left.length > 0) {
            const seen = new Set<string>();
            for (const each of [...left]) {
              if (seen.has(each.by[0]!)) continue;
              seen.add(each.by[0]!);
              rounds.push(each.by[0]!);
              left.splice(left.indexOf(each), 1);
            }
          }
          // Within a round the order is that of arrival in that round.
          const inRounds = (names: readonly string[]): string[] => {
            const count = new Map<string, number>();
            return names
              .map((name) => {
                count.set(name, (count.get(name) ?? 0) + 1);
                return `${String(count.get(name)).padStart(3, "0")}${name}`;
              })
              .sort();
          };
          expect(inRounds(order)).toEqual(inRounds(rounds));
          const roundOf = new Map<string, number>();
          let last = 0;
          for (const name of order) {
            const round = (roundOf.get(name) ?? 0) + 1;
            roundOf.set(name, round);
            expect(round).toBeGreaterThanOrEqual(last);
            last = round;
          }
        },
      ),
    );
  });
});
