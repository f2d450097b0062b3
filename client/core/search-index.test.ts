import { expect, it } from "vitest";
import type { WorldDevice, WorldObject } from "../../worlds/format/world.ts";
import { searchIndex } from "./search-index.ts";

const box = [0, 0, 0, 1, 1, 1] as const;
const objects: WorldObject[] = [
  { id: "r1", use: "road", name: "Town Hall Street", box },
  { id: "b1", use: "civic", name: "Town Hall", address: "1 Market Square", box },
  { id: "b2", use: "house", address: "18 Poplar Street", box },
  { id: "b3", use: "house", box },
  { id: "b4", use: "culture", name: "Théâtre Élysée", box },
];
const devices: WorldDevice[] = [
  { id: "air-01", kind: "air", name: "Air station 1", x: 0, y: 0, z: 0, address: "Market Square", streams: [] },
];
const find = searchIndex(objects, devices, (key) => key);
const titles = (query: string): string[] => find(query, []).map((found) => found.title);

it("finds the place itself before the street named after it", () => {
  expect(titles("town hall")).toEqual(["Town Hall", "Town Hall Street"]);
});
it("finds addresses, words in any order, accents left out, ids", () => {
  expect(titles("poplar 18")).toEqual(["18 Poplar Street"]);
  expect(titles("theatre elysee")).toEqual(["Théâtre Élysée"]);
  expect(titles("AIR-01")).toEqual(["Air station 1"]);
  expect(titles("market").toSorted()).toEqual(["Air station 1", "Town Hall"]);
});
it("finds people near first and answers nothing to nothing", () => {
  const pose = { x: 0, y: 0, heading: 0, gait: 0, altitude: 0 } as const;
  const people = [{ session: "s", account: "a", name: "Townsend", pose }];
  expect(find("town", people)[0]).toMatchObject({ title: "Townsend", subject: { kind: "citizen", session: "s" } });
  expect(titles("   ")).toEqual([]);
  expect(titles("no such thing")).toEqual([]);
});
it("gives at most twelve", () => {
  const many = Array.from(
    { length: 50 },
    (_, n): WorldObject => ({ id: `h${n}`, use: "house", address: `${n} Oak`, box }),
  );
  expect(searchIndex(many, [], (key) => key)("oak", [])).toHaveLength(12);
});
