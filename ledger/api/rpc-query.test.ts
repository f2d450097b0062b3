// The query language on the cases that CometBFT's own tests hold it to (libs/pubsub/query, v0.38: syntax_test.go, query_test.go),
// on our own keys, and on what is hostile.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LedgerEvent } from "../protocol/rest.ts";
import { parseQuery, QueryError, queryText } from "./rpc-query.ts";
import { compareDecimals, decimalOf, eventsMatcher, messageEventsOf, messageMatcher } from "./rpc-query-match.ts";

describe("syntax", () => {
  test.each([
    "tm.events.type='NewBlock'",
    "tm.events.type = 'NewBlock'",
    "tm.events.name = ''",
    "tm.events.type='TIME'",
    "tm.events.type='DATE'",
    "tm.events.type='='",
    "tm.events.type='NewBlock' AND abci.account.name='Igor'",
    "abci.account.name CONTAINS 'Igor'",
    "tx.date > DATE 2013-05-03",
    "tx.date < DATE 2013-05-03",
    "tx.date <= DATE 2013-05-03",
    "tx.date >= DATE 2013-05-03",
    "tx.date > TIME 2013-05-03T14:45:00+07:00",
    "tx.date < TIME 2013-05-03T14:45:00-02:00",
    "tx.date <= TIME 2013-05-03T14:45:00Z",
    "account.balance=100",
    "account.balance >= 200",
    "slashing.amount EXISTS",
    "slashing.amount EXISTS AND account.balance=100",
    "account.balance=100 AND slashing.amount EXISTS",
    "slashing EXISTS",
    "hash='136E18F7E4C348B780CF873A0BF43922E5BAFA63'",
    "cosm-wasm.transfer_amount=100",
    "energy/trade.seller='a' AND energy/slot-cleared.trades>0",
  ])("%s is read, and reads the same from its own text", (text) => {
    const query = parseQuery(text);
    expect(parseQuery(queryText(query))).toEqual(query);
  });

  test.each([
    "tm.events.type='TIME",
    "tm.events.type=TIME'",
    "tm.events.type==",
    "tm.events.type=NewBlock",
    ">==",
    "tm.events.type 'NewBlock' =",
    "tm.events.type>'NewBlock'",
    "",
    "  \t\n",
    "=",
    "='NewBlock'",
    "tm.events.type=",
    "tm.events.typeNewBlock",
    "tm.events.type'NewBlock'",
    "'NewBlock'",
    "NewBlock",
    "tm.events.type='NewBlock' AND",
    "tm.events.type='NewBlock' AN",
    "tm.events.type='NewBlock' AN tm.events.type='NewBlockHeader'",
    "AND tm.events.type='NewBlock' ",
    "tx.date >= DAT 2013-05-03",
    "tx.date <= DATE2013-05-03",
    "tx.date <= DATE -05-03",
    "tx.date >= DATE 20130503",
    "tx.date >= DATE 2013+01-03",
    "tx.date >= DATE 0013-01-03",
    "tx.date >= DATE 2013-31-03",
    "tx.date >= DATE 2013-01-83",
    "tx.date >= DATE 2013-02-30",
    "tx.date >= DATE xyz-pdq",
    "tx.date >= DATE 0000-00-00",
    "tx.date >= TIME2013-05-03T14:45:00Z",
    "tx.date = IME 2013-05-03T14:45:00Z",
    "tx.date = TIME 2013-05-:45:00Z",
    "tx.date >= TIME 2013-05-03T14:45:00",
    "tx.date >= TIME 0013-00-00T14:45:00Z",
    "tx.date >= TIME 2013+05=03T14:45:00Z",
    "tx.date >= TIME 2021-01-01T34:56:08Z",
    "tx.date >= TIME 2021-01-01T14:56:78Z",
    "tx.date >= TIME 2021-01-01T14:56:08+3",
    "account.balance >= -300",
    "account.balance >>= 400",
    "account.balance=33.22.1",
    "account.balance CONTAINS 5",
    "hash=136E18F7E4C348B780CF873A0BF43922E5BAFA63",
    "a=1 & b=2",
    "a=1 OR b=2",
  ])("%s is refused", (text) => expect(() => parseQuery(text)).toThrow(QueryError));

  test.each([
    [
      "malformed query",
      "offset 10: got tag, wanted <= operator, >= operator, < operator, > operator, = operator, CONTAINS operator or EXISTS operator",
    ],
    ["a=", "offset 2: EOF"],
    ["a='1' b", "offset 6: got tag, want AND operator"],
    ["a & b", "offset 2: invalid input & at offset 3"],
    ["ä = b", "offset 5: got tag, wanted number, timestamp, datestamp or string"],
  ])("%s is refused in CometBFT's words", (text, words) => expect(() => parseQuery(text)).toThrow(words));

  test("its bounds: 512 bytes, 32 conditions", () => {
    const ofLength = (length: number) => `a = '${"x".repeat(length - 6)}'`;
    expect(parseQuery(ofLength(512))).toHaveLength(1);
    expect(() => parseQuery(ofLength(513))).toThrow("maximum query length exceeded");
    expect(() => parseQuery(`a = '${"ä".repeat(254)}'`)).toThrow("maximum query length exceeded");
    const ofConditions = (count: number) => Array.from({ length: count }, () => "a=1").join(" AND ");
    expect(parseQuery(ofConditions(32))).toHaveLength(32);
    expect(() => parseQuery(ofConditions(33))).toThrow("a query may have 32 conditions");
  });

  test("any text is either read or refused with a QueryError", () => {
    const words = fc.constantFrom(
      "a.b",
      "AND",
      "=",
      "<=",
      "<",
      ">",
      "CONTAINS",
      "EXISTS",
      "'x y'",
      "5",
      "5.",
      "TIME ",
      "DATE ",
    );
    const texts = fc.oneof(
      fc.string({ unit: "binary", maxLength: 80 }),
      fc.array(words, { maxLength: 20 }).map((all) => all.join(" ")),
    );
    fc.assert(
      fc.property(texts, (text) => {
        try {
          expect(parseQuery(queryText(parseQuery(text)))).toEqual(parseQuery(text));
        } catch (error) {
          expect(error).toBeInstanceOf(QueryError);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

/** "type|attribute=value|attribute=value" as one event. */
const eventOf = (text: string): LedgerEvent[] => {
  const [type, ...pairs] = text.split("|");
  return pairs.map((pair) => {
    const at = pair.indexOf("=");
    return { type: type!, attributes: { [pair.slice(0, at)]: pair.slice(at + 1) } };
  });
};
const today = "2026-03-01";

describe("matching of messages", () => {
  const reward = [
    "rewards.withdraw|address=AddrA|address=AddrB|source=SrcX|source=SrcY|amount=100|amount=45|balance=1500|balance=999",
    "transfer|sender=AddrC|recipient=AddrD|amount=160",
    "tm|event=Tx|hash=XYZ|height=5",
  ];
  const big = [
    "big|value=99999999999999999999|floatvalue=99999999999999999999.10",
    "big2|value=18446744073709551615|floatvalue=18446744073709551615.6",
  ];
  const transfer = ["transfer|recipient=cosmos1gu6|sender=cosmos1crj"];
  test.each([
    ["tm.events.type='NewBlock'", ["tm|events.type=NewBlock"], true],
    ["tx.gas > 7", ["tx|gas=8"], true],
    ["transfer.amount > 7", ["transfer|amount=8stake"], true],
    ["transfer.amount > 7", ["transfer|amount=8.045"], true],
    ["transfer.amount > 7.043", ["transfer|amount=8.045stake"], true],
    ["transfer.amount > 8.045", ["transfer|amount=8.045stake"], false],
    ["tx.gas > 7 AND tx.gas < 9", ["tx|gas=8"], true],
    ["body.weight >= 3.5", ["body|weight=3.5"], true],
    ["account.balance < 1000.0", ["account|balance=900"], true],
    ["account.balance < 1000", ["account|balance=-900"], false],
    ["account.balance < 1000", ["account|balance=none"], false],
    ["apples.kg <= 4", ["apples|kg=4.0"], true],
    ["apples.kg = 4.0", ["apples|kg=004"], true],
    ["body.weight >= 4.5", ["body|weight=4.5"], true],
    ["oranges.kg < 4 AND watermellons.kg > 10", ["oranges|kg=3", "watermellons|kg=12"], true],
    ["peaches.kg < 4", ["peaches|kg=5"], false],
    ["tx.date > DATE 2017-01-01", [`tx|date=${today}`], true],
    ["tx.date = DATE 2017-01-01", ["tx|date=2017-01-01"], true],
    ["tx.date = DATE 2018-01-01", ["tx|date=2017-01-01"], false],
    ["tx.date = DATE 2018-01-01", ["tx|date=soon"], false],
    ["tx.time >= TIME 2013-05-03T14:45:00Z", [`tx|time=${today}T00:00:00.5+09:00`], true],
    ["tx.time = TIME 2013-05-03T14:45:00Z", ["tx|time=2018-05-03T14:45:00Z"], false],
    ["tx.time = TIME 2013-05-03T14:45:00Z", ["tx|time=2013-05-03T23:45:00+09:00"], true],
    ["tx.time > TIME 2013-05-03T14:45:00Z", ["tx|time=2013-05-03T14:45:00.000000001Z"], true],
    ["abci.owner.name CONTAINS 'Igor'", ["abci|owner.name=Igor|owner.name=Ivan"], true],
    ["abci.owner.name CONTAINS 'Igor'", ["abci|owner.name=Pavel|owner.name=Ivan"], false],
    ["abci.owner.name = 'Igor'", ["abci|owner.name=Igor|owner.name=Ivan"], true],
    ["abci.owner.name = 'Ivan' AND abci.owner.name = 'Igor'", ["abci|owner.name=Igor|owner.name=Ivan"], true],
    ["abci.owner.name = 'Ivan' AND abci.owner.name = 'John'", ["abci|owner.name=Igor|owner.name=Ivan"], false],
    ["app.name = 'fuzzed'", ["tm|events.type=NewBlock", "app|name=fuzzed"], true],
    ["tm.events.type='NewHeader' AND app.name = 'fuzzed'", ["tm|events.type=NewBlock", "app|name=fuzzed"], false],
    ["slash EXISTS", ["slash|reason=missing_signature|power=6000"], true],
    ["sl EXISTS", ["slash|reason=missing_signature|power=6000"], false],
    ["slash EXISTS", transfer, false],
    ["slash.reason EXISTS AND slash.power > 1000", ["slash|reason=missing_signature|power=6000"], true],
    ["slash.reason EXISTS AND slash.power > 1000", ["slash|reason=missing_signature|power=500"], false],
    ["slash.reason EXISTS", transfer, false],
    ["tm.event = 'Tx' AND rewards.withdraw.address = 'AddrA'", reward, true],
    ["tm.event = 'Tx' AND rewards.withdraw.address = 'AddrA' AND rewards.withdraw.source = 'SrcY'", reward, true],
    ["tm.event = 'Tx' AND transfer.sender = 'AddrA'", reward, false],
    ["tm.event = 'Tx' AND transfer.sender = 'AddrC'", reward, true],
    ["tm.event = 'Tx' AND rewards.withdraw.source = 'W'", reward, false],
    ["big.value >= 99999999999999999999", big, true],
    ["big.value > 99999999999999999998", big, true],
    ["big2.value <= 18446744073709551615", big, true],
    ["big.floatvalue >= 99999999999999999999", big, true],
    ["big.floatvalue > 99999999999999999998.10", big, true],
    ["big2.floatvalue <= 18446744073709551615.6", big, true],
    ["big2.floatvalue < 18446744073709551615.6", big, false],
    ["big2.floatvalue >= 12.5", big, true],
    ["big.value >= 10", big, true],
  ] as const)("%s on %j: %j", (query, events, matches) => {
    expect(messageMatcher(parseQuery(query))(messageEventsOf(events.flatMap(eventOf), {}))).toBe(matches);
  });

  test("what CometBFT adds to a message counts as its events", () => {
    const events = messageEventsOf([], { "tm.event": "Tx", "tx.height": "5" });
    expect(messageMatcher(parseQuery("tm.event = 'Tx' AND tx.height >= 5"))(events)).toBe(true);
    expect(messageMatcher(parseQuery("tm.event = 'NewBlock'"))(events)).toBe(false);
  });
});

describe("matching of searches", () => {
  const accounts: LedgerEvent[] = [
    { type: "account", attributes: { number: "1", owner: "Ana" } },
    { type: "account", attributes: { number: "2", owner: "/Ivan/.test" } },
    { type: "energy/trade", attributes: { seller: "s", amount: "70" } },
  ];
  test.each([
    ["account.number > 0 AND account.number <= 1 AND account.owner CONTAINS 'Ana'", true],
    ["account.number = 1 AND account.owner CONTAINS 'Ana' AND account.owner CONTAINS 'An'", true],
    // Both hold, but of different accounts.
    ["account.number = 2 AND account.owner = 'Ana'", false],
    ["account.number = 2 AND account.number = 1", false],
    ["account.number < 2 AND account.owner = '/Ivan/.test'", false],
    ["account.number <= 2 AND account.owner = '/Ivan/.test'", true],
    ["account.owner = 'Iv'", false],
    ["account.date >= TIME 2013-05-03T14:45:00Z", false],
    ["account.number CONTAINS 'bla'", false],
    ["account.number EXISTS", true],
    ["account.date EXISTS", false],
    ["account EXISTS", true],
    ["accounts EXISTS", false],
    ["account.constructor EXISTS", false],
    ["energy/trade.seller = 's' AND energy/trade.amount > 69", true],
    // Of different types: each needs its own event.
    ["energy/trade.seller = 's' AND account.owner = 'Ana'", true],
    ["energy/trade.seller = 's' AND account.owner = 'Bob'", false],
  ] as const)("%s: %j", (query, matches) => expect(eventsMatcher(parseQuery(query))(accounts)).toBe(matches));
});

test("decimals compare as numbers do", () => {
  const number = fc.tuple(fc.bigInt({ min: 0n, max: 10n ** 30n }), fc.nat({ max: 8 }));
  const textOf = ([digits, scale]: [bigint, number]): string => {
    const text = digits.toString().padStart(scale + 1, "0");
    return scale === 0 ? text : `${text.slice(0, -scale)}.${text.slice(-scale)}`;
  };
  fc.assert(
    fc.property(number, number, (a, b) => {
      const left = a[0] * 10n ** BigInt(8 - a[1]);
      const right = b[0] * 10n ** BigInt(8 - b[1]);
      const order = Math.sign(compareDecimals(decimalOf(textOf(a))!, decimalOf(textOf(b))!));
      expect(order).toBe(left < right ? -1 : left > right ? 1 : 0);
    }),
  );
});
