// The composition of the default city: river, boulevards, districts, special places. Metres from its origin.
// North is the station, south the newer quarters across the river, west the harbour, east the campus, north-east the hill.

import type { StreetEdge } from "../format/world.ts";
import type { Point2 } from "../geometry/vector.ts";
import { parallel, rectangle, smooth } from "./curves.ts";

export interface StreetLine {
  readonly name: string;
  readonly class: StreetEdge["class"];
  readonly carriageway: number;
  readonly pavement: number;
  readonly lanes: number;
  readonly points: readonly Point2[];
  readonly tram?: boolean;
  readonly bridge?: number;
  readonly trees?: boolean;
}

type Kind = Omit<StreetLine, "name" | "points">;
export const streetKinds = {
  grand: { class: "boulevard", carriageway: 15, pavement: 6.5, lanes: 4, trees: true, tram: true },
  boulevard: { class: "boulevard", carriageway: 13, pavement: 6, lanes: 4, trees: true },
  avenue: { class: "street", carriageway: 9, pavement: 4.5, lanes: 2, trees: true },
  quay: { class: "street", carriageway: 6.5, pavement: 4.5, lanes: 2, trees: true },
  street: { class: "street", carriageway: 6.6, pavement: 2.8, lanes: 2 },
  lane: { class: "lane", carriageway: 4.2, pavement: 1.5, lanes: 1 },
  coreAxis: { class: "street", carriageway: 9, pavement: 4, lanes: 2, tram: true },
  square: { class: "square", carriageway: 0, pavement: 4, lanes: 0 },
  path: { class: "path", carriageway: 0, pavement: 1.5, lanes: 0 },
} as const satisfies Record<string, Kind>;

export const riverHalf = 30;
const quayOffset = riverHalf + 10;
export const waterLevel = -2.3;

/** West to east, so its left side is north. */
export const river = smooth([
  [-1500, -300],
  [-1100, -330],
  [-820, -300],
  [-560, -230],
  [-330, -100],
  [-120, -40],
  [90, -62],
  [300, -140],
  [500, -130],
  [680, -20],
  [900, 90],
  [1180, 110],
  [1500, 60],
]);
const quayPoint = (x: number, side: 1 | -1): Point2 => {
  const quay = parallel(river, side * quayOffset);
  for (let index = 0; index + 1 < quay.length; index += 1) {
    const [a, b] = [quay[index]!, quay[index + 1]!];
    if (a[0] <= x && b[0] >= x) return [x, a[1] + ((b[1] - a[1]) * (x - a[0])) / (b[0] - a[0])];
  }
  return quay[0]!;
};

/** The edge of the built city, irregular like that of a real one. */
export const cityLimit: readonly Point2[] = smooth(
  [
    [-770, -120],
    [-740, 120],
    [-720, 330],
    [-560, 470],
    [-300, 522],
    [0, 530],
    [300, 522],
    [560, 510],
    [735, 400],
    [770, 180],
    [745, -150],
    [650, -400],
    [440, -560],
    [150, -630],
    [-150, -625],
    [-430, -560],
    [-640, -470],
    [-800, -330],
    [-770, -120],
  ],
  40,
).slice(0, -1);

export const coreCentre: Point2 = [10, 165];
const ring = smooth(
  [
    quayPoint(-262, 1),
    [-262, 40],
    [-250, 150],
    [-212, 256],
    [-128, 346],
    [4, 388],
    [142, 350],
    [234, 256],
    [272, 130],
    [274, 20],
    quayPoint(268, 1),
  ],
  16,
);
export const townSquare: readonly Point2[] = [
  [-28, 118],
  [66, 128],
  [60, 206],
  [-36, 198],
];
export const minsterClose: readonly Point2[] = rectangle(142, 236, 54, 92, 75);
export const core: readonly Point2[] = [
  ...ring,
  ...parallel(river, quayOffset)
    .filter(([x]) => x > -262 && x < 268)
    .reverse(),
];

/** The main axis: station, square, old bridge, south. */
const axisNorth = smooth(
  [
    [2, 512],
    [3, 450],
    [4, 388],
    [-8, 300],
    [-30, 240],
    [-36, 198],
  ],
  18,
);
const axisCore = smooth([[-36, 198], [-28, 118], [-22, 60], quayPoint(-14, 1)], 18);
const axisSouth = smooth([quayPoint(-6, -1), [12, -190], [20, -330], [10, -470], [-4, -628]], 18);

export const bridges: readonly {
  name: string;
  from: Point2;
  to: Point2;
  width: number;
  pavement: number;
  rise: number;
  tram: boolean;
  towards: readonly [Point2, Point2];
}[] = [
  bridgeAt("Old Bridge", quayPoint(-14, 1), quayPoint(-6, -1), streetKinds.coreAxis, true),
  bridgeAt("Harbour Bridge", quayPoint(-262, 1), quayPoint(-300, -1), streetKinds.avenue, false),
  bridgeAt("College Bridge", quayPoint(268, 1), quayPoint(262, -1), streetKinds.avenue, false),
];

function bridgeAt(name: string, north: Point2, south: Point2, kind: Kind, tram: boolean) {
  // From bank to bank: where the line between the two quays leaves the land.
  const length = Math.hypot(south[0] - north[0], south[1] - north[1]);
  const dx = (south[0] - north[0]) / length;
  const dy = (south[1] - north[1]) / length;
  const bank = (start: Point2, sign: number): Point2 => {
    let far = 0;
    while (far < 40 && distanceToRiver(start[0] + dx * sign * far, start[1] + dy * sign * far) > riverHalf + 0.4)
      far += 0.1;
    return [start[0] + dx * sign * far, start[1] + dy * sign * far];
  };
  const width = kind.carriageway + 2 * Math.min(3.5, kind.pavement);
  return {
    name,
    from: bank(north, 1),
    to: bank(south, -1),
    width,
    pavement: Math.min(3.5, kind.pavement),
    rise: 1.7,
    tram,
    towards: [north, south] as const,
  };
}

export function distanceToRiver(x: number, y: number): number {
  let best = Infinity;
  for (let index = 0; index + 1 < river.length; index += 1) {
    const [ax, ay] = river[index]!;
    const [bx, by] = river[index + 1]!;
    const dx = bx - ax;
    const dy = by - ay;
    const t = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)));
    best = Math.min(best, Math.hypot(x - ax - dx * t, y - ay - dy * t));
  }
  return best;
}

const line = (name: string, kind: Kind, points: readonly Point2[]): StreetLine => ({ name, ...kind, points });

/** All streets that were drawn by hand. Later ones end on earlier ones. */
export function majorStreets(): StreetLine[] {
  const quayNorth = parallel(river, quayOffset);
  const quaySouth = parallel(river, -quayOffset);
  const part = (points: readonly Point2[], from: number, to: number) => points.filter(([x]) => x >= from && x <= to);
  const lines = [
    line(
      "Station Avenue",
      streetKinds.grand,
      axisNorth.filter(([, y]) => y >= 386),
    ),
    line(
      "Town Hall Street",
      streetKinds.coreAxis,
      axisNorth.filter(([, y]) => y <= 389),
    ),
    line("Bridge Street", streetKinds.coreAxis, axisCore),
    line("South Avenue", streetKinds.grand, axisSouth),
    line("Ring Boulevard", streetKinds.boulevard, ring),
    line("North Quay", streetKinds.quay, part(quayNorth, -552, 900)),
    line("South Quay", streetKinds.quay, part(quaySouth, -760, 860)),
    line(
      "Western Avenue",
      streetKinds.boulevard,
      smooth([
        [-252, 140],
        [-420, 130],
        [-600, 96],
        [-770, 90],
        [-1000, 60],
      ]),
    ),
    line(
      "Eastern Avenue",
      streetKinds.boulevard,
      smooth([
        [270, 140],
        [430, 150],
        [600, 190],
        [768, 196],
        [1000, 230],
      ]),
    ),
    line(
      "Hill Avenue",
      streetKinds.avenue,
      smooth([
        [197, 302],
        [300, 372],
        [400, 412],
        [520, 430],
        [700, 424],
        [860, 450],
      ]),
    ),
    line(
      "Northern Road",
      streetKinds.avenue,
      smooth([
        [-1000, 300],
        [-700, 352],
        [-520, 400],
        [-300, 446],
        [3, 452],
        [240, 462],
        [340, 492],
        [560, 508],
        [700, 560],
      ]),
    ),
    line(
      "Orchard Avenue",
      streetKinds.avenue,
      smooth([
        [-158, 292],
        [-330, 352],
        [-423, 434],
      ]),
    ),
    line(
      "Palm House Road",
      streetKinds.street,
      smooth([
        [-440, 127],
        [-452, 270],
        [-423, 434],
      ]),
    ),
    line(
      "Harbour Road",
      streetKinds.avenue,
      smooth([quayPoint(-300, -1), [-336, -230], [-350, -360], [-330, -480], [-300, -640], [-290, -780]]),
    ),
    line(
      "College Road",
      streetKinds.avenue,
      smooth([quayPoint(262, -1), [262, -270], [290, -400], [330, -598], [350, -720]]),
    ),
    line(
      "Southern Road",
      streetKinds.boulevard,
      smooth([
        [-900, -520],
        [-640, -420],
        [-500, -372],
        [-340, -340],
        [-160, -330],
        [20, -330],
        [160, -336],
        [274, -340],
        [420, -320],
        [560, -260],
        [660, -180],
        [760, -130],
        [940, -90],
      ]),
    ),
    line(
      "Meadow Road",
      streetKinds.street,
      smooth([
        [-640, -600],
        [-470, -548],
        [-320, -500],
        [-160, -482],
        [10, -478],
        [160, -478],
        [304, -470],
        [440, -450],
        [640, -430],
      ]),
    ),
    line(
      "Dock Road",
      streetKinds.avenue,
      smooth([quayPoint(-548, 1), [-556, -100], [-600, -20], [-690, 10], [-800, 6]]),
    ),
    line(
      "Sluice Street",
      streetKinds.street,
      smooth([
        [-584, -42],
        [-576, 30],
        [-580, 101],
      ]),
    ),
    line("Garden Row", streetKinds.street, smooth([quayPoint(-440, 1), [-452, -30], [-460, 60], [-452, 127]])),
    line(
      "Belvedere Road",
      streetKinds.street,
      smooth([
        [452, 138],
        [440, 260],
        [401, 424],
      ]),
    ),
    line(
      "Observatory Road",
      streetKinds.street,
      smooth([
        [640, 178],
        [660, 300],
        [648, 427],
      ]),
    ),
    line("Willow Road", streetKinds.street, smooth([[469, 172], [484, 40], quayPoint(480, 1)])),
    line("Faculty Road", streetKinds.street, smooth([quayPoint(600, -1), [590, -150], [566, -257]])),
    line("Market Side", streetKinds.square, townSquare),
  ];
  lines.push(
    line("Chapter Street", streetKinds.lane, [
      [135, 262],
      [140, 300],
      [146, 356],
    ]),
    line("Dean Street", streetKinds.street, smooth([[149, 210], [158, 140], [150, 60], quayPoint(140, 1)])),
    line("Minster Street", streetKinds.lane, [
      [97.6, 224.1],
      [60, 206],
    ]),
    line("Sexton Lane", streetKinds.lane, [
      [186.4, 247.9],
      [246, 240],
    ]),
  );
  lines.push(line("Minster Close", streetKinds.square, [...minsterClose, minsterClose[0]!]));
  for (const bridge of bridges) {
    const kind = bridge.tram ? streetKinds.coreAxis : streetKinds.avenue;
    lines.push(line(bridge.name, { ...kind, trees: false } as Kind, [bridge.towards[0], bridge.from]));
    lines.push({
      ...line(bridge.name, { ...kind, trees: false } as Kind, [bridge.from, bridge.to]),
      bridge: bridge.rise,
    });
    lines.push(line(bridge.name, { ...kind, trees: false } as Kind, [bridge.to, bridge.towards[1]]));
  }
  return lines;
}

/** Ways through the parks; they start and end a little past the streets, so that they surely meet them. */
export function parkPaths(): StreetLine[] {
  const path = (name: string, points: readonly Point2[]): StreetLine => line(name, streetKinds.path, smooth(points, 9));
  return [
    path("Hill Path", [
      [474, 432],
      [484, 384],
      [520, 366],
      [560, 372],
      [590, 340],
      [584, 290],
      [552, 276],
      [530, 296],
      [536, 306],
    ]),
    path("South Slope", [
      [584, 290],
      [570, 240],
      [540, 210],
      [536, 166],
    ]),
    path("Shell Walk", [[362, 136], [350, 84], [344, 46], [384, -12], [392, -60], quayPoint(396, 1)]),
    path("Meadow Walk", [
      [280, 60],
      [318, 62],
      [346, 58],
      [400, 66],
      [440, 80],
      [484, 60],
    ]),
    path("Palm House Walk", [
      [-246, 196],
      [-300, 206],
      [-332, 222],
      [-386, 226],
      [-456, 240],
    ]),
    path("Orchard Walk", [
      [-336, 122],
      [-330, 170],
      [-332, 222],
      [-330, 290],
      [-350, 372],
    ]),
    path("Campus Walk", [
      [374, -160],
      [386, -214],
      [388, -262],
      [384, -300],
      [388, -336],
    ]),
    path("Scholars Walk", [
      [254, -244],
      [310, -250],
      [388, -262],
      [450, -234],
      [510, -214],
      [592, -196],
    ]),
  ];
}
