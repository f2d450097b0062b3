import { beforeEach, describe, expect, it } from "vitest";
import {
  age,
  countdown,
  dayAndMonth,
  energy,
  energyExact,
  measured,
  money,
  moneyExact,
  moneyRoundedDown,
  price,
  scaled,
  shortHash,
} from "./format.ts";
import { language } from "./language.ts";

beforeEach(() => {
  language.value = "en";
});

describe("money and energy", () => {
  it.each([
    ["0", "0.00"],
    ["140000", "0.14"],
    ["1000000", "1.00"],
    ["1234567890000", "1,234,567.89"],
    ["-2500000", "−2.50"],
    ["19884999", "19.88"],
    ["19885000", "19.89"],
    ["12345", "0.0123"],
    ["1", "0.00"],
    ["nonsense", "–"],
  ])("%s micro-units are %s", (micro, shown) => expect(money(micro)).toBe(shown));

  it.each([
    ["99999625", "99.99"],
    ["100000000", "100.00"],
    ["99999", "0.0999"],
    ["100000", "0.10"],
    ["109999", "0.10"],
    ["0", "0.00"],
    ["-1", "−0.0001"],
    ["-19884999", "−19.89"],
    ["999999999999999999999999999999999999", "999,999,999,999,999,999,999,999,999,999.99"],
    ["nonsense", "–"],
  ])("%s micro-units are no less than %s", (micro, shown) => expect(moneyRoundedDown(micro)).toBe(shown));

  it("gives exact values on demand", () => {
    expect(moneyExact("19884999")).toBe("19.884999");
    expect(moneyExact("20000000")).toBe("20.00");
    expect(energyExact("1200")).toBe("1,200 Wh");
    expect(price("116000")).toBe("0.116");
  });

  it.each([
    ["1200", "1.20 kWh"],
    ["1000", "1.00 kWh"],
    ["1", "0.001 kWh"],
    ["99", "0.099 kWh"],
    ["123456", "123.46 kWh"],
    ["-1500", "−1.50 kWh"],
  ])("%s Wh are %s", (wattHours, shown) => expect(energy(wattHours)).toBe(shown));

  it("never loses digits of large amounts", () => {
    expect(scaled("999999999999999999999", 6)).toBe("999,999,999,999,999.999999");
  });
});

describe("measured values", () => {
  it.each([
    [9.4123, "µg/m³", "9.41", "µg/m³"],
    [384.2, "W", "384", "W"],
    [-1234, "W", "−1.23", "kW"],
    [12.345, "°C", "12.3", "°C"],
    [Number.NaN, "m", "–", "m"],
  ])("%s %s reads %s %s", (value, symbol, number, unit) => expect(measured(value, symbol)).toEqual({ number, unit }));
});

describe("times", () => {
  it.each([
    [-5000, "just now"],
    [1000, "just now"],
    [12_000, "12 s ago"],
    [180_000, "3 min ago"],
    [7_200_000, "2 hours ago"],
    [5 * 86_400_000, "5 days ago"],
  ])("%s ms is %s", (ms, shown) => expect(age(ms)).toBe(shown));

  it("counts down to zero and no further", () => {
    expect(countdown(61_000)).toBe("1:01");
    expect(countdown(400)).toBe("0:01");
    expect(countdown(-3)).toBe("0:00");
  });
});

it("writes a day as the language does, whatever the time zone", () => {
  expect(dayAndMonth("2026-11-02")).toBe("Nov 2");
  language.value = "ko";
  expect(dayAndMonth("2026-11-02")).toBe("11월 2일");
  language.value = "en";
  expect(dayAndMonth("nonsense")).toBe("–");
});

it("shortens hashes", () => {
  expect(shortHash("aa58c4ffffffffffffffffffffffffffffffd420")).toBe("aa58c4…d420");
  expect(shortHash("short")).toBe("short");
});
