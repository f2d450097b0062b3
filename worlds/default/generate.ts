// The default city: planned, built, planted and wired from one seed, written as CityJSON 2.0 with sidecars,
// then taken through the same import as any other city.

import type { StreetGraph, Terrain, WorldDevice } from "../format/world.ts";
import { Random } from "../geometry/random.ts";
import { centimetres, type Point2, signedArea } from "../geometry/vector.ts";
import { type BuiltWorld, buildWorld } from "../import/build-world.ts";
import { readModel } from "../import/read-model.ts";
import { referenceSystem } from "../import/reference-system.ts";
import type { Sidecars } from "../import/sidecars.ts";
import { type FeederHome, planFeeders } from "../sidecars/feeders.ts";
import { type Panel, placePanels } from "../sidecars/solar-panels.ts";
import { StreetIndex } from "../sidecars/street-graph.ts";
import { Raster } from "../sidecars/street-raster.ts";
import { addressBook } from "./addresses.ts";
import { type Block, fillBlocks } from "./blocks.ts";
import { writeBridges } from "./bridges.ts";
import { CityWriter, cityReference } from "./city-writer.ts";
import { circle, smooth } from "./curves.ts";
import { type Home, lampDevices, meterDevices, meterId, stationDevices, vehicleDevices } from "./devices.ts";
import { hillHeight } from "./districts.ts";
import { Greenery } from "./greenery.ts";
import { chunks, type StreetAreas, streetAreas } from "./ground.ts";
import type { House } from "./houses.ts";
import { basins, type Landmark, landmarks } from "./landmarks.ts";
import { railwayLine, writeGround } from "./lay-ground.ts";
import { distanceToRiver, minsterClose, parkPaths, river, riverHalf, townSquare, waterLevel } from "./plan.ts";
import { band, grow, polygonsOf, type Shape, shapeOf, subtract, unite } from "./shapes.ts";
import { networkOf, planStreets } from "./street-plan.ts";
import { planTransit } from "./transit.ts";

const seed = "glasstown/1";
const bounds = [-880, -720, 880, 680] as const;
const homesWanted = 600;

interface Site {
  readonly id: string;
  readonly house: House;
  readonly block: Block | null;
  readonly landmark: Landmark | null;
}

/** Builds the default city in memory. */
export async function generateDefaultCity(log: (line: string) => void): Promise<BuiltWorld> {
  log("planning streets and blocks");
  const { modelText, sidecars } = composeCity();
  log(`city model: ${(modelText.length / 1_048_576).toFixed(1)} MB of CityJSON`);
  const where = "the default city";
  const model = readModel(modelText, where);
  const { x, y, z } = cityReference;
  const [longitude, latitude] = referenceSystem(model.metadata).toDegrees!(x, y);
  const round = (value: number): number => Math.round(value * 1e6) / 1e6;
  const origin = { latitude: round(latitude), longitude: round(longitude), crs: "EPSG:7415", x, y, z };
  return buildWorld({
    name: "Glasstown",
    where,
    model,
    modelText,
    attribution: "Glasstown, a generated city",
    sidecars,
    origin,
    log,
  });
}

/** The model as CityJSON text, and what stands beside it. */
export function composeCity(): { modelText: string; sidecars: Sidecars } {
  const random = new Random(seed);
  const { lines, faces } = planStreets(random);
  const { graph } = networkOf(lines);
  const marks = landmarks();
  const water = unite(band([river], riverHalf, "flat"), ...basins.map((ring) => shapeOf(ring)));
  const ponds = unite(
    shapeOf(smooth([...circle(-386, 306, 20, 7), circle(-386, 306, 20, 7)[0]!], 6)),
    shapeOf(circle(452, 26, 13, 18)),
    shapeOf(circle(610, 250, 11, 16)),
  );
  const areas = streetAreas(graph, grow(water, 0.4));
  const keeps = unite(...marks.flatMap((mark) => (mark.keep === null ? [] : [shapeOf(mark.keep)])));
  const stationSquare = shapeOf([
    [-64, 490],
    [68, 490],
    [68, 531],
    [-64, 531],
  ]);
  const plaza = subtract(unite(shapeOf(townSquare), shapeOf(minsterClose), stationSquare), areas.all);
  const railway = band([railwayLine], 12, "flat");
  const blocks = fillBlocks(faces, unite(areas.all, grow(water, 0.6), keeps, stationSquare, railway), random);
  const terrain = makeTerrain();
  const city = new CityWriter();
  const sites = placeSites(blocks, marks);
  const book = addressBook(
    sites.map((site) => ({ id: site.id, door: site.landmark === null ? site.house.door : null })),
    graph,
  );
  for (const site of sites) writeSite(city, site, book.get(site.id));
  writeGround(city, { areas, blocks, plaza, water, ponds, railway, keeps, terrain });
  writeBridges(city);
  const blocked = blockedRaster(sites, areas, unite(water, ponds));
  const green = greenery(
    graph,
    blocks,
    blocked,
    random,
    lines.filter((line) => line.trees === true).map((line) => line.name),
  );
  const index = new StreetIndex(withoutPaths(graph));
  const { homes, panels } = chooseHomes(sites, book, random);
  const feederHomes: FeederHome[] = homes.map((home, number) => ({ meter: meterId(number), x: home.x, y: home.y }));
  const { network, feederOf } = planFeeders(feederHomes, index.graph, index, 20);
  const transit = planTransit(graph);
  for (const line of transit.lines) for (const stop of line.stops) placeStop(green, line.path, stop.at);
  const devices: WorldDevice[] = [
    ...meterDevices(homes, feederOf, random),
    ...lampDevices(graph, blocked),
    ...stationDevices(graph, "river-glass"),
    ...vehicleDevices(transit),
  ];
  const sidecars: Sidecars = {
    streets: graph,
    transit,
    scenery: { trees: green.trees, furniture: green.furniture, panels },
    devices,
    feeders: network,
    terrain,
    spawn: { x: 15, y: 135, heading: 0 },
    bounds,
  };
  return { modelText: JSON.stringify(city.finish("Glasstown")), sidecars };
}

function placeSites(blocks: readonly Block[], marks: readonly Landmark[]): Site[] {
  const sites: Site[] = [];
  for (const landmark of marks) sites.push({ id: landmark.id, house: landmark, block: null, landmark });
  let number = 0;
  for (const block of blocks)
    for (const house of block.houses) {
      number += 1;
      sites.push({ id: `building-${String(number).padStart(4, "0")}`, house, block, landmark: null });
    }
  return sites;
}

function writeSite(
  city: CityWriter,
  { id, house, landmark }: Site,
  address: { street: string; number: string } | undefined,
): void {
  const to = city.object({
    id,
    type: landmark?.construction === true ? "OtherConstruction" : "Building",
    use: house.use,
    ...(house.name === undefined ? {} : { name: house.name }),
    attributes: {
      storeysAboveGround: house.storeys,
      storeyHeight: house.storeyHeight,
      yearOfConstruction: house.year,
      roofType: house.roof,
    },
    ...(address === undefined ? {} : { address }),
  });
  for (const face of house.faces) city.face(to, face.kind, face.rings);
}

function makeTerrain(): Terrain {
  const spacing = 10;
  const [west, south, east, north] = bounds;
  const columns = (east - west) / spacing + 1;
  const rows = (north - south) / spacing + 1;
  const heights: number[] = [];
  for (let row = 0; row < rows; row += 1)
    for (let column = 0; column < columns; column += 1) {
      const [x, y] = [west + column * spacing, south + row * spacing];
      heights.push(distanceToRiver(x, y) < riverHalf - 16 ? waterLevel - 1.7 : centimetres(hillHeight(x, y)));
    }
  return { columns, rows, spacing, west, south, heights };
}

/** Cells where no tree and no lamp may stand: buildings, carriageways, water. */
function blockedRaster(sites: readonly Site[], areas: StreetAreas, water: Shape): (x: number, y: number) => boolean {
  const raster = new Raster(bounds, 0);
  for (const { house } of sites)
    for (const face of house.faces) if (face.kind === "ground") raster.paint(face.rings, 1);
  for (const shape of [areas.carriageway, water])
    for (const piece of chunks(shape, 64))
      for (const { outer, holes } of polygonsOf(piece)) raster.paint([outer, ...holes], 1);
  const at = (x: number, y: number): boolean => {
    const column = Math.floor((x - raster.west) / raster.cell);
    const row = Math.floor((y - raster.south) / raster.cell);
    if (column < 1 || row < 1 || column >= raster.columns - 1 || row >= raster.rows - 1) return true;
    return raster.bits[row * raster.columns + column] === 1;
  };
  return (x, y) => at(x, y);
}

function greenery(
  graph: StreetGraph,
  blocks: readonly Block[],
  blocked: (x: number, y: number) => boolean,
  random: Random,
  treeStreets: readonly string[],
): Greenery {
  const green = new Greenery(random);
  const nearBuilding = (x: number, y: number): boolean =>
    blocked(x, y) || blocked(x + 2.2, y) || blocked(x - 2.2, y) || blocked(x, y + 2.2) || blocked(x, y - 2.2);
  green.square();
  green.avenues(graph, new Set(treeStreets), blocked);
  const raster = new Raster(bounds, 0);
  for (const block of blocks)
    if (block.ground === "park")
      for (const { outer, holes } of polygonsOf(block.shape)) raster.paint([outer, ...holes], 1);
  for (const path of parkPaths())
    for (const piece of polygonsOf(band([path.points], 3))) raster.paint([piece.outer, ...piece.holes], 0);
  const inPark = (x: number, y: number): boolean => {
    const column = Math.floor((x - raster.west) / raster.cell);
    const row = Math.floor((y - raster.south) / raster.cell);
    return (
      column >= 0 &&
      row >= 0 &&
      column < raster.columns &&
      row < raster.rows &&
      raster.bits[row * raster.columns + column] === 1 &&
      !nearBuilding(x, y)
    );
  };
  const shellLawn = (x: number, y: number): boolean =>
    Math.hypot(x - 352, y - 48) > 44 && Math.hypot(x - 372, y - 18) > 24;
  green.parks(
    blocks
      .filter((block) => block.ground === "park")
      .map((block) => ({
        ring: block.outline,
        density: block.district === "hill" ? 0.85 : block.district === "campus" ? 0.4 : 0.72,
      })),
    (x, y) => inPark(x, y) && shellLawn(x, y),
  );
  green.yards(blocks, nearBuilding);
  green.boats();
  return green;
}

const withoutPaths = (graph: StreetGraph): StreetGraph => ({
  nodes: graph.nodes,
  edges: graph.edges.filter((item) => item.class !== "path"),
});

function placeStop(green: Greenery, path: readonly (readonly [number, number, number])[], at: number): void {
  let rest = at;
  for (let index = 1; index < path.length; index += 1) {
    const [a, b] = [path[index - 1]!, path[index]!];
    const length = Math.hypot(b[0] - a[0], b[1] - a[1]);
    if (rest <= length || index === path.length - 1) {
      const [dx, dy] = [(b[0] - a[0]) / (length || 1), (b[1] - a[1]) / (length || 1)];
      const heading = (Math.atan2(dx, dy) * 180) / Math.PI;
      for (const side of [-1, 1])
        green.put(
          "stop",
          a[0] + dx * rest + dy * 9.4 * side,
          a[1] + dy * rest - dx * 9.4 * side,
          0,
          heading + (side > 0 ? 270 : 90),
        );
      return;
    }
    rest -= length;
  }
}

/** About 600 homes with meters; rows of houses first have panels. */
function chooseHomes(
  sites: readonly Site[],
  book: ReadonlyMap<string, { street: string; number: string }>,
  random: Random,
): { homes: Home[]; panels: Panel[] } {
  const able = sites.filter(
    ({ id, house, block }) => block !== null && (house.use === "house" || house.use === "apartments") && book.has(id),
  );
  const weight = (site: Site): number =>
    site.block?.district === "rows" || site.block?.district === "villas" ? 1 : 0.45;
  const total = able.reduce((sum, site) => sum + weight(site), 0);
  const homes: Home[] = [];
  const panels: Panel[] = [];
  for (const site of able) {
    if (homes.length >= homesWanted + 40 || !random.chance((homesWanted / total) * weight(site))) continue;
    const outer = weight(site) === 1;
    let solarW = 0;
    if (random.chance(outer ? 0.52 : 0.17)) {
      const placed = placePanels(
        site.id,
        site.house.slopes.map((ring) => ({ rings: [ring] })),
        outer ? 12 : 22,
      );
      panels.push(...placed.panels);
      solarW = placed.solarW;
    }
    const foot = site.house.faces.find((face) => face.kind === "ground")?.rings[0] ?? [];
    const [x, y] = inward(
      site.house.door,
      foot.map(([px, py]) => [px, py] as const),
    );
    const { street, number } = book.get(site.id)!;
    homes.push({
      object: site.id,
      address: `${number} ${street}`,
      x,
      y,
      solarW,
      use: site.house.use as "house" | "apartments",
    });
  }
  return { homes, panels };
}

/** A metre from the door towards the house's middle: where meters hang. */
function inward(door: Point2, foot: readonly Point2[]): Point2 {
  if (foot.length === 0 || signedArea(foot) === 0) return door;
  const x = foot.reduce((sum, point) => sum + point[0], 0) / foot.length;
  const y = foot.reduce((sum, point) => sum + point[1], 0) / foot.length;
  const length = Math.hypot(x - door[0], y - door[1]) || 1;
  return [
    door[0] + ((x - door[0]) / length) * Math.min(1, length),
    door[1] + ((y - door[1]) / length) * Math.min(1, length),
  ];
}
