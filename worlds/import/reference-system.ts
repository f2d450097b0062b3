// Coordinate reference systems: EPSG code of a model, and the way from its coordinates to latitude and longitude (proj4).
// Parameters from the EPSG register; compound systems (7415 and the like) use their horizontal part.

import proj4 from "proj4";

const rijksdriehoek =
  "+proj=sterea +lat_0=52.1561605555556 +lon_0=5.38763888888889 +k=0.9999079 +x_0=155000 +y_0=463000 +ellps=bessel +towgs84=565.4171,50.3319,465.5524,1.9342,-1.6677,9.1019,4.0725 +units=m +no_defs";
const lambert72 =
  "+proj=lcc +lat_0=90 +lon_0=4.36748666666667 +lat_1=51.1666672333333 +lat_2=49.8333339 +x_0=150000.013 +y_0=5400088.438 +ellps=intl +towgs84=-106.8686,52.2978,-103.7239,-0.3366,0.457,-1.8422,-1.2747 +units=m +no_defs";
const gaussAustria = (central: string, falseEasting: string, falseNorthing: string): string =>
  `+proj=tmerc +lat_0=0 +lon_0=${central} +k=1 +x_0=${falseEasting} +y_0=${falseNorthing} +ellps=bessel +towgs84=577.326,90.129,463.919,5.137,1.474,5.297,2.4232 +units=m +no_defs`;
const britain =
  "+proj=tmerc +lat_0=49 +lon_0=-2 +k=0.9996012717 +x_0=400000 +y_0=-100000 +ellps=airy +towgs84=446.448,-125.157,542.06,0.15,0.247,0.842,-20.489 +units=m +no_defs";
const lambert93 =
  "+proj=lcc +lat_0=46.5 +lon_0=3 +lat_1=49 +lat_2=44 +x_0=700000 +y_0=6600000 +ellps=GRS80 +units=m +no_defs";
const lv95 =
  "+proj=somerc +lat_0=46.9524055555556 +lon_0=7.43958333333333 +k_0=1 +x_0=2600000 +y_0=1200000 +ellps=bessel +towgs84=674.374,15.056,405.346 +units=m +no_defs";
const singapore =
  "+proj=tmerc +lat_0=1.36666666666667 +lon_0=103.833333333333 +k=1 +x_0=28001.642 +y_0=38744.572 +ellps=WGS84 +units=m +no_defs";
const korea = "+proj=tmerc +lat_0=38 +lon_0=127.5 +k=0.9996 +x_0=1000000 +y_0=2000000 +ellps=GRS80 +units=m +no_defs";
const geographic = "+proj=longlat +datum=WGS84 +no_defs";

const fixed: Readonly<Record<number, string>> = {
  7415: rijksdriehoek,
  28992: rijksdriehoek,
  31370: lambert72,
  31254: gaussAustria("10.3333333333333", "0", "-5000000"),
  31255: gaussAustria("13.3333333333333", "0", "-5000000"),
  31256: gaussAustria("16.3333333333333", "0", "-5000000"),
  27700: britain,
  7405: britain,
  2154: lambert93,
  5698: lambert93,
  2056: lv95,
  3414: singapore,
  5179: korea,
  4326: geographic,
  4979: geographic,
  4258: geographic,
  4978: "+proj=geocent +datum=WGS84 +units=m +no_defs",
  3857: "+proj=merc +a=6378137 +b=6378137 +lat_ts=0 +lon_0=0 +x_0=0 +y_0=0 +k=1 +units=m +nadgrids=@null +no_defs",
};

/** Compound codes (with a height) and the horizontal code in them. */
const compound: Readonly<Record<number, number>> = {
  5555: 25832,
  5554: 25831,
  5556: 25833,
  7423: 4258,
  7409: 4258,
  5972: 25832,
};

export interface ReferenceSystem {
  /** `EPSG:7415`, or `unknown`. */
  readonly name: string;
  /** Longitude and latitude in degrees (WGS 84); null when the system is unknown. */
  readonly toDegrees: ((x: number, y: number) => readonly [number, number]) | null;
  /** The model's unit is the degree, which cannot be walked on. */
  readonly inDegrees: boolean;
  /** The model is in earth-centred coordinates. */
  readonly earthCentred: boolean;
}

/** EPSG code in any of the forms that files use: URL, URN, `EPSG:n`, number. */
function epsgOf(metadata: Readonly<Record<string, unknown>>): number | null {
  const raw = metadata["referenceSystem"] ?? metadata["crs"];
  const named = typeof raw === "object" && raw !== null ? (raw as Record<string, unknown>)["epsg"] : raw;
  const text = typeof named === "string" || typeof named === "number" ? String(named) : "";
  const match = /(\d{4,6})(?:\D.*)?$/.exec(text.slice(0, 200));
  return match === null ? null : Number(match[1]);
}

export function referenceSystem(metadata: Readonly<Record<string, unknown>>): ReferenceSystem {
  const code = epsgOf(metadata);
  const definition = code === null ? null : definitionOf(compound[code] ?? code);
  return {
    name: code === null ? "unknown" : `EPSG:${code}`,
    toDegrees:
      definition === null || definition.includes("geocent")
        ? null
        : (x, y) => {
            // Coordinates far outside a system's area make proj4 throw; the caller treats them as unknown.
            try {
              const [longitude, latitude] = proj4(definition, geographic, [x, y]);
              return [longitude!, latitude!];
            } catch {
              return [Number.NaN, Number.NaN];
            }
          },
    inDegrees: definition?.includes("longlat") ?? false,
    earthCentred: definition?.includes("geocent") ?? false,
  };
}

function definitionOf(code: number): string | null {
  const known = fixed[code];
  if (known !== undefined) return known;
  if (code >= 25828 && code <= 25838) return `+proj=utm +zone=${code - 25800} +ellps=GRS80 +units=m +no_defs`;
  if (code >= 32601 && code <= 32660) return `+proj=utm +zone=${code - 32600} +datum=WGS84 +units=m +no_defs`;
  if (code >= 32701 && code <= 32760) return `+proj=utm +zone=${code - 32700} +south +datum=WGS84 +units=m +no_defs`;
  // Japanese plane rectangular zones, with and without height.
  const japan: readonly (readonly [number, number])[] = [
    [33, 129.5],
    [33, 131],
    [36, 132.166666666667],
    [33, 133.5],
    [36, 134.333333333333],
    [36, 136],
    [36, 137.166666666667],
    [36, 138.5],
    [36, 139.833333333333],
    [40, 140.833333333333],
    [44, 140.25],
    [44, 142.25],
    [44, 144.25],
    [26, 142],
    [26, 127.5],
    [26, 124],
    [26, 131],
    [20, 136],
    [26, 154],
  ];
  const zone = code >= 6669 && code <= 6687 ? japan[code - 6669] : undefined;
  return zone === undefined
    ? null
    : `+proj=tmerc +lat_0=${zone[0]} +lon_0=${zone[1]} +k=0.9999 +x_0=0 +y_0=0 +ellps=GRS80 +units=m +no_defs`;
}
