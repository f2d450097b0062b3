// Writes a world's devices into the SensorThings tables: one Thing, Location and FeatureOfInterest a device,
// one Datastream a stream. Ids stay the same from start to start; things of other worlds stay with their history.

import type { ThingProperties } from "../../protocol/telemetry-log.ts";
import type { BuiltWorld, GeoPoint } from "../city/built-world.ts";
import type { Database } from "./database.ts";

const geojson = "application/geo+json";
const measurement = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement";
const sensorNames: Readonly<Record<string, string>> = {
  meter: "Smart meter",
  lamp: "Street lamp controller",
  air: "Air station",
  traffic: "Traffic counter",
  river: "River gauge",
  tram: "Tram on-board unit",
  bus: "Bus on-board unit",
  weather: "Weather station",
};

/** Brings the tables up to the world's devices, in one transaction. */
export function writeThings(database: Database, world: BuiltWorld, nowMs: number): void {
  database.transaction(() => {
    for (const device of world.devices) {
      const point = world.pointOf(device);
      const properties: ThingProperties = {
        device: device.id,
        kind: device.kind,
        ...(device.cityObject === undefined ? {} : { cityObject: device.cityObject }),
        simulated: true,
      };
      const details = {
        ...properties,
        ...(device.feeder === undefined ? {} : { feeder: device.feeder }),
        ...(device.solarW === undefined ? {} : { solarW: device.solarW }),
        position: [device.x, device.y, device.z],
      };
      const sensorName = sensorNames[device.kind] ?? device.kind;
      const place = device.address ?? device.name;
      const thing = upsert(
        database,
        "things",
        { device: device.id },
        {
          name: device.name,
          description: device.address === undefined ? sensorName : `${sensorName}, ${device.address}`,
          properties: JSON.stringify(details),
        },
      );
      writePlace(database, thing, place, point, nowMs);
      const sensor = upsert(
        database,
        "sensors",
        { name: sensorName },
        {
          description: `${sensorName}: readings signed by the device's own Ed25519 key`,
          encoding_type: "text/html",
          metadata: "https://www.rfc-editor.org/rfc/rfc8032",
        },
      );
      for (const stream of device.streams) {
        const observedProperty = upsert(
          database,
          "observed_properties",
          { definition: stream.observedProperty.definition, name: stream.observedProperty.name },
          { description: stream.observedProperty.name },
        );
        upsert(
          database,
          "datastreams",
          { thing, stream: stream.stream },
          {
            sensor,
            observed_property: observedProperty,
            name: stream.name,
            description: `${stream.name} of ${device.name}`,
            unit: JSON.stringify(stream.unit),
            observation_type: measurement,
            properties: JSON.stringify({ device: device.id, stream: stream.stream, period: stream.period }),
          },
        );
      }
    }
  });
}

function writePlace(database: Database, thing: number, place: string, point: GeoPoint, nowMs: number): void {
  const geometry = JSON.stringify({ type: "Point", coordinates: [point.longitude, point.latitude, point.height] });
  const description = `Where the device stands: ${place}`;
  upsert(database, "locations", { thing }, { name: place, description, encoding_type: geojson, location: geometry });
  upsert(database, "features", { thing }, { name: place, description, encoding_type: geojson, feature: geometry });
  database.run("INSERT OR IGNORE INTO historical_locations (thing, time) VALUES (?, ?)", thing, nowMs);
}

/** Finds a row by its natural key or makes it, sets the other columns, and gives its id. Names are literals of this file. */
function upsert(
  database: Database,
  table: string,
  key: Readonly<Record<string, string | number>>,
  columns: Readonly<Record<string, string | number>>,
): number {
  const names = [...Object.keys(key), ...Object.keys(columns)];
  const sets = Object.keys(columns).map((name) => `${name} = excluded.${name}`);
  const row = database.get(
    `INSERT INTO ${table} (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})
     ON CONFLICT (${Object.keys(key).join(", ")}) DO UPDATE SET ${sets.join(", ")} RETURNING id`,
    ...Object.values(key),
    ...Object.values(columns),
  );
  return Number(row?.["id"]);
}
