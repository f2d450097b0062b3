// The datastreams of each kind of device: names, UCUM units, observed properties, periods.

import type { DeviceKind } from "../../ledger/protocol/telemetry.ts";
import type { DeviceStream } from "../format/world.ts";

const ucum = (code: string): string => `https://ucum.org/ucum#${encodeURIComponent(code)}`;
const units = {
  watt: { name: "watt", symbol: "W", definition: ucum("W") },
  microgram: { name: "microgram per cubic metre", symbol: "µg/m³", definition: ucum("ug/m3") },
  celsius: { name: "degree Celsius", symbol: "°C", definition: ucum("Cel") },
  perHour: { name: "vehicles per hour", symbol: "1/h", definition: ucum("1/h") },
  metre: { name: "metre", symbol: "m", definition: ucum("m") },
  kilometresPerHour: { name: "kilometre per hour", symbol: "km/h", definition: ucum("km/h") },
  people: { name: "people", symbol: "people", definition: ucum("{people}") },
  percent: { name: "percent", symbol: "%", definition: ucum("%") },
  metresPerSecond: { name: "metre per second", symbol: "m/s", definition: ucum("m/s") },
} as const;

/** Observed properties are named by the OGC and QUDT vocabularies where they have the word. */
function stream(
  id: string,
  name: string,
  unit: keyof typeof units,
  property: string,
  definition: string,
  period: number,
): DeviceStream {
  return { stream: id, name, unit: units[unit], observedProperty: { name: property, definition }, period };
}

const qudt = (kind: string): string => `http://qudt.org/vocab/quantitykind/${kind}`;
const eea = (pollutant: number): string => `http://dd.eionet.europa.eu/vocabulary/aq/pollutant/${pollutant}`;

const load = stream("load", "Household load", "watt", "Electric power drawn by the home", qudt("ActivePower"), 60);
const solar = stream(
  "solar",
  "Solar power",
  "watt",
  "Electric power made by the roof's panels",
  qudt("ActivePower"),
  60,
);
const net = stream(
  "net",
  "Power from the grid",
  "watt",
  "Electric power drawn from the grid, negative when fed in",
  qudt("ActivePower"),
  60,
);

export const meterStreams = (withSolar: boolean): DeviceStream[] => (withSolar ? [load, solar, net] : [load, net]);

export const streamsOf: Readonly<Record<Exclude<DeviceKind, "meter">, readonly DeviceStream[]>> = {
  lamp: [stream("power", "Lamp power", "watt", "Electric power of the lamp", qudt("ActivePower"), 120)],
  air: [
    stream("pm2-5", "Fine particles PM2.5", "microgram", "Mass concentration of PM2.5", eea(6001), 30),
    stream("pm10", "Particles PM10", "microgram", "Mass concentration of PM10", eea(5), 30),
    stream("no2", "Nitrogen dioxide", "microgram", "Mass concentration of NO2", eea(8), 30),
    stream("o3", "Ozone", "microgram", "Mass concentration of O3", eea(7), 30),
    stream("temperature", "Air temperature", "celsius", "Air temperature", qudt("Temperature"), 30),
  ],
  traffic: [stream("flow", "Traffic flow", "perHour", "Vehicles passing", qudt("Frequency"), 60)],
  river: [stream("level", "Water level", "metre", "Water level above the city's datum", qudt("Height"), 30)],
  tram: [
    stream("speed", "Speed", "kilometresPerHour", "Speed of the vehicle", qudt("Speed"), 10),
    stream("passengers", "Passengers", "people", "Passengers on board", qudt("Count"), 10),
  ],
  bus: [
    stream("speed", "Speed", "kilometresPerHour", "Speed of the vehicle", qudt("Speed"), 10),
    stream("passengers", "Passengers", "people", "Passengers on board", qudt("Count"), 10),
  ],
  weather: [
    stream("temperature", "Air temperature", "celsius", "Air temperature", qudt("Temperature"), 60),
    stream("cloud", "Cloud cover", "percent", "Share of the sky covered by cloud", qudt("DimensionlessRatio"), 60),
    stream("wind", "Wind speed", "metresPerSecond", "Wind speed", qudt("WindSpeed"), 60),
  ],
};
