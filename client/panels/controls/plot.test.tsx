import { expect, it } from "vitest";
import { plotPositions } from "./plot.tsx";

it("spans the plot from oldest to newest and from low to high", () => {
  const [first, middle, last] = plotPositions([
    { time: 0, value: 10 },
    { time: 5, value: 20 },
    { time: 10, value: 15 },
  ]);
  expect(first).toEqual([6, 90]);
  expect(middle?.[1]).toBe(6);
  expect(last?.[0]).toBe(314);
});

it("draws a flat line in the middle", () => {
  expect(
    plotPositions([
      { time: 0, value: 3 },
      { time: 1, value: 3 },
    ]).map(([, y]) => y),
  ).toEqual([48, 48]);
});
