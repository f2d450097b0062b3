// Where one can stand and how high: building cells and water stop, bridges carry, steps higher than a knee do not.
// World frame: x east, y north, heights up; metres.

import { cellFlags, type GroundCells } from "../workers/city-messages.ts";

/** Highest rise between two places a step apart, metres. */
export const stepRiseMax = 0.75;
/** Half a citizen's width, metres. */
export const bodyRadius = 0.32;
/** Cells searched around a place for one where one can stand. */
const searchMax = 200;

export class WalkGrid {
  readonly cells: GroundCells;
  readonly #bounds: readonly [number, number, number, number];

  constructor(cells: GroundCells, bounds: readonly [number, number, number, number]) {
    this.cells = cells;
    this.#bounds = bounds;
  }

  #index(x: number, y: number): number {
    const { west, south, cell, columns, rows } = this.cells;
    const column = Math.min(columns - 1, Math.max(0, Math.floor((x - west) / cell)));
    const row = Math.min(rows - 1, Math.max(0, Math.floor((y - south) / cell)));
    return row * columns + column;
  }

  /** Height to stand at. Where a bridge passes above ground, the level nearest to `near` wins. */
  heightAt(x: number, y: number, near = Number.POSITIVE_INFINITY): number {
    const { west, south, cell, columns, rows } = this.cells;
    const u = Math.min(Math.max((x - west) / cell - 0.5, 0), columns - 1);
    const v = Math.min(Math.max((y - south) / cell - 0.5, 0), rows - 1);
    const i = Math.min(Math.floor(u), Math.max(0, columns - 2));
    const j = Math.min(Math.floor(v), Math.max(0, rows - 2));
    const fu = Math.min(1, u - i);
    const fv = Math.min(1, v - j);
    const centre = this.#level(this.#index(x, y), near);
    // Neighbours on another level (a wall, a kerb of a quay) do not drag the height along.
    const at = (column: number, row: number): number => {
      const height = this.#level(Math.min(row, rows - 1) * columns + Math.min(column, columns - 1), centre);
      return Math.abs(height - centre) < stepRiseMax ? height : centre;
    };
    return (
      (at(i, j) * (1 - fu) + at(i + 1, j) * fu) * (1 - fv) + (at(i, j + 1) * (1 - fu) + at(i + 1, j + 1) * fu) * fv
    );
  }

  #level(index: number, near: number): number {
    const ground = this.cells.ground[index]!;
    const deck = this.cells.deck[index]!;
    if (Number.isNaN(deck)) return ground;
    if (near === Number.POSITIVE_INFINITY) return Math.max(deck, ground);
    // Under a bridge one must fit: the ground counts only with room for a head.
    const wet = (this.cells.flags[index]! & cellFlags.water) !== 0;
    if (wet || deck - ground < 2) return Math.max(deck, ground);
    return Math.abs(deck - near) <= Math.abs(ground - near) ? deck : ground;
  }

  inside(x: number, y: number): boolean {
    const [west, south, east, north] = this.#bounds;
    return x >= west + 1 && x <= east - 1 && y >= south + 1 && y <= north - 1;
  }

  /** A single point: in bounds, not in a building, not in open water, no higher than a step from `height`. */
  #free(x: number, y: number, height: number): boolean {
    if (!this.inside(x, y)) return false;
    const index = this.#index(x, y);
    const flags = this.cells.flags[index]!;
    const onDeck = !Number.isNaN(this.cells.deck[index]!) && Math.abs(this.cells.deck[index]! - height) < 2.2;
    if ((flags & cellFlags.building) !== 0 && !onDeck) return false;
    if ((flags & cellFlags.water) !== 0 && Number.isNaN(this.cells.deck[index]!)) return false;
    return Math.abs(this.#level(index, height) - height) <= stepRiseMax;
  }

  /** Whether a body fits. */
  canStand(x: number, y: number, height = this.heightAt(x, y)): boolean {
    if (!this.#free(x, y, height)) return false;
    for (let i = 0; i < 6; i++) {
      const angle = (i * Math.PI) / 3;
      if (!this.#free(x + Math.cos(angle) * bodyRadius, y + Math.sin(angle) * bodyRadius, height)) return false;
    }
    return true;
  }

  /** Nearest place where a body fits, walking outward in rings; the place itself if there is none near. */
  nearestFree(x: number, y: number): { x: number; y: number } {
    const [west, south, east, north] = this.#bounds;
    const cx = Math.min(Math.max(x, west + 1.5), east - 1.5);
    const cy = Math.min(Math.max(y, south + 1.5), north - 1.5);
    for (let ring = 0; ring < searchMax; ring++) {
      const steps = Math.max(1, ring * 6);
      for (let s = 0; s < steps; s++) {
        const angle = (s / steps) * 2 * Math.PI;
        const px = cx + Math.cos(angle) * ring * 0.6;
        const py = cy + Math.sin(angle) * ring * 0.6;
        if (this.canStand(px, py)) return { x: px, y: py };
      }
    }
    return { x: cx, y: cy };
  }

  /**
   * Moves by a step and slides along what is in the way. Long steps are walked in pieces, so thin walls hold.
   * Someone who stands inside a wall already (a correction, a changed world) may walk out.
   */
  move(x: number, y: number, height: number, dx: number, dy: number): { x: number; y: number; height: number } {
    const pieces = Math.min(64, Math.max(1, Math.ceil(Math.hypot(dx, dy) / 0.25)));
    let at = { x, y, height };
    const stuck = !this.canStand(x, y, height);
    for (let i = 0; i < pieces; i++) {
      const sx = dx / pieces;
      const sy = dy / pieces;
      const tries: readonly (readonly [number, number])[] = [
        [sx, sy],
        [sx, 0],
        [0, sy],
      ];
      let moved = false;
      for (const [mx, my] of tries) {
        if (mx === 0 && my === 0) continue;
        const nx = at.x + mx;
        const ny = at.y + my;
        if (stuck ? this.inside(nx, ny) : this.canStand(nx, ny, at.height)) {
          at = { x: nx, y: ny, height: this.heightAt(nx, ny, at.height) };
          moved = true;
          break;
        }
      }
      if (!moved) break;
    }
    return at;
  }
}
