// Rooftop solar panels: a grid of modules on the most suitable roof face, inside its outline.

import type { Scenery } from "../format/world.ts";
import { centimetres, insidePolygon, newellNormal, type Point3 } from "../geometry/vector.ts";

export type Panel = Scenery["panels"][number];
export interface RoofFace {
  /** Outer ring and holes, or the outer rings of neighbours in one plane: even-odd decides what is inside. */
  readonly rings: readonly (readonly Point3[])[];
  /** Normal, twice the area long, where the first ring's alone is not the face's. */
  readonly normal?: Point3;
  /** Unit vector across the rows of a flat roof; south when it is not given. */
  readonly down?: readonly [number, number];
}

const moduleWidth = 1.1;
const moduleDepth = 1.75;
/** Peak power of one module. */
const moduleW = 420;
/** Rows, and modules in a row, that are looked at: more than any real roof has. */
const rowsMax = 400;

/**
 * @param modulesMax at most so many modules; faces with fewer than four give none.
 * @returns one array a row of modules, which keeps instance counts low.
 */
export function placePanels(
  object: string,
  faces: readonly RoofFace[],
  modulesMax: number,
): { panels: Panel[]; solarW: number } {
  let best: { score: number; face: RoofFace; normal: Point3 } | null = null;
  for (const face of faces) {
    const raw = face.normal ?? newellNormal(face.rings[0]!);
    const length = Math.hypot(...raw);
    if (length < 16) continue;
    const normal: Point3 = [raw[0] / length, raw[1] / length, raw[2] / length];
    const tilt = Math.acos(Math.min(1, Math.max(-1, normal[2])));
    if (tilt > 1.05) continue;
    // Yield falls with the angle away from south; steep north faces are useless.
    const south = tilt < 0.05 ? 1 : 0.55 + 0.45 * (-normal[1] / Math.max(1e-6, Math.hypot(normal[0], normal[1])));
    if (south < 0.5) continue;
    const score = (length / 2) ** 0.5 * south;
    if (best === null || score > best.score) best = { score, face, normal };
  }
  if (best === null) return { panels: [], solarW: 0 };
  return fill(object, best.face, best.normal, modulesMax);
}

function fill(object: string, face: RoofFace, normal: Point3, modulesMax: number): { panels: Panel[]; solarW: number } {
  const outer = face.rings[0]!;
  const flat = normal[2] > 0.998;
  const slope = Math.hypot(normal[0], normal[1]);
  // Down the slope is where water runs; on flat roofs panels look south on low stands.
  const down: readonly [number, number] = flat ? (face.down ?? [0, -1]) : [normal[0] / slope, normal[1] / slope];
  const along: readonly [number, number] = [-down[1], down[0]];
  const cosine = flat ? 1 : normal[2];
  const rowStep = flat ? moduleDepth * 1.45 : moduleDepth * cosine;
  let a0 = Infinity;
  let a1 = -Infinity;
  let d0 = Infinity;
  let d1 = -Infinity;
  for (const [x, y] of face.rings.flat()) {
    const a = x * along[0] + y * along[1];
    const d = x * down[0] + y * down[1];
    a0 = Math.min(a0, a);
    a1 = Math.max(a1, a);
    d0 = Math.min(d0, d);
    d1 = Math.max(d1, d);
  }
  // Rows along the walls may come closer to the edge than rows at an angle to it.
  const margin = flat ? (face.down === undefined ? 0.9 : 0.5) : 0.35;
  const inside = (a: number, d: number): boolean =>
    insidePolygon(a * along[0] + d * down[0], a * along[1] + d * down[1], face.rings);
  const fits = (a: number, d: number): boolean =>
    inside(a - moduleWidth / 2 - margin, d - rowStep / 2 - margin) &&
    inside(a + moduleWidth / 2 + margin, d - rowStep / 2 - margin) &&
    inside(a - moduleWidth / 2 - margin, d + rowStep / 2 + margin) &&
    inside(a + moduleWidth / 2 + margin, d + rowStep / 2 + margin);
  const panels: Panel[] = [];
  let modules = 0;
  const [px, py, pz] = outer[0]!;
  const heading = ((Math.atan2(down[0], down[1]) * 180) / Math.PI + 360) % 360;
  const tilt = flat ? 12 : (Math.acos(normal[2]) * 180) / Math.PI;
  const columns = Math.min(rowsMax, Math.floor((a1 - a0) / moduleWidth));
  const start = (a0 + a1) / 2 - ((columns - 1) * moduleWidth) / 2;
  const rows = Math.min(rowsMax, Math.floor((d1 - d0) / rowStep));
  const top = (d0 + d1) / 2 - ((rows - 1) * rowStep) / 2;
  for (let row = 0; row < rows && modules < modulesMax; row += 1) {
    const d = top + row * rowStep;
    let run = 0;
    for (let column = 0; column <= columns; column += 1) {
      const good = column < columns && modules + run < modulesMax && fits(start + column * moduleWidth, d);
      if (good) run += 1;
      else if (run > 0) {
        const a = start + (column - 1 - (run - 1) / 2) * moduleWidth;
        const x = a * along[0] + d * down[0];
        const y = a * along[1] + d * down[1];
        const z = pz - (normal[0] * (x - px) + normal[1] * (y - py)) / normal[2];
        const lift = flat ? 0.32 : 0.12;
        panels.push({
          x: centimetres(x),
          y: centimetres(y),
          z: centimetres(z + lift),
          width: centimetres(run * moduleWidth - 0.06),
          depth: moduleDepth - 0.05,
          heading: centimetres(heading),
          tilt: centimetres(tilt),
          object,
        });
        modules += run;
        run = 0;
      }
    }
  }
  return modules < 4 ? { panels: [], solarW: 0 } : { panels, solarW: modules * moduleW };
}
