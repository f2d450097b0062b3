// Walking on small grids drawn as text: `#` building, `~` water, `=` bridge over water, `^` a terrace one metre up.

import { describe, expect, it } from "vitest";
import { cellFlags, type GroundCells } from "../workers/city-messages.ts";
import { WalkGrid } from "./walk-grid.ts";

/** Rows from north to south, cells of half a metre. */
function gridOf(drawing: readonly string[]): WalkGrid {
  const rows = drawing.length;
  const columns = drawing[0]!.length;
  const count = rows * columns;
  const cells: GroundCells = {
    west: 0,
    south: 0,
    cell: 0.5,
    columns,
    rows,
    flags: new Uint8Array(count),
    ground: new Float32Array(count),
    deck: new Float32Array(count).fill(Number.NaN),
  };
  drawing.forEach((line, fromTop) => {
    [...line].forEach((sign, column) => {
      const at = (rows - 1 - fromTop) * columns + column;
      if (sign === "#") cells.flags[at] = cellFlags.building;
      if (sign === "~" || sign === "=") {
        cells.flags[at] = cellFlags.water;
        cells.ground[at] = -2;
      }
      if (sign === "=") cells.deck[at] = 0.3;
      if (sign === "^") cells.ground[at] = 1;
    });
  });
  return new WalkGrid(cells, [0, 0, columns * 0.5, rows * 0.5]);
}

const open = Array.from({ length: 24 }, () => ".".repeat(40));
const withBlock = (sign: string, gap = -1): string[] =>
  open.map((_, row) =>
    [...".".repeat(40)]
      .map((c, i) => (i >= 18 && i < 24 ? (gap >= 0 && Math.abs(row - gap) < 4 ? "=" : sign) : c))
      .join(""),
  );

describe("walk grid", () => {
  it("walks freely in the open and stops at the bounds", () => {
    const grid = gridOf(open);
    const moved = grid.move(5, 6, 0, 2, 0.5);
    expect(moved.x).toBeCloseTo(7);
    expect(moved.y).toBeCloseTo(6.5);
    const end = grid.move(5, 6, 0, 60, 0);
    expect(end.x).toBeLessThanOrEqual(19);
  });

  it("does not pass through a building, however long the step", () => {
    const grid = gridOf(withBlock("#"));
    expect(grid.move(5, 6, 0, 14, 0).x).toBeLessThan(9);
    expect(grid.canStand(10, 6)).toBe(false);
  });

  it("slides along a wall", () => {
    const grid = gridOf(withBlock("#"));
    const moved = grid.move(8.2, 3, 0, 1.5, 1.5);
    expect(moved.x).toBeLessThan(9);
    expect(moved.y).toBeCloseTo(4.5, 5);
  });

  it("does not step into the river but crosses it on the bridge, at the deck's height", () => {
    const grid = gridOf(withBlock("~", 12));
    expect(grid.move(5, 10.5, 0, 14, 0).x).toBeLessThan(9);
    const south = gridOf(withBlock("~", 12)).move(5, 5.8, 0, 9, 0);
    expect(south.x).toBeCloseTo(14, 3);
    expect(grid.heightAt(10.5, 5.8, 0)).toBeCloseTo(0.3, 5);
  });

  it("does not climb a step higher than a knee", () => {
    const grid = gridOf(withBlock("^"));
    expect(grid.move(5, 6, 0, 14, 0).x).toBeLessThan(9);
  });

  it("keeps to its level where a bridge passes overhead", () => {
    const grid = gridOf(open);
    grid.cells.deck.fill(5);
    expect(grid.heightAt(5, 5, 0)).toBe(0);
    expect(grid.heightAt(5, 5, 4.8)).toBe(5);
    expect(grid.heightAt(5, 5)).toBe(5);
  });

  it("finds a place to stand beside a building, and lets one who is stuck walk out", () => {
    const grid = gridOf(withBlock("#"));
    const free = grid.nearestFree(10.5, 6);
    expect(grid.canStand(free.x, free.y)).toBe(true);
    expect(Math.hypot(free.x - 10.5, free.y - 6)).toBeLessThan(4);
    expect(grid.move(9.3, 6, 0, -2, 0).x).toBeLessThan(8);
  });
});
