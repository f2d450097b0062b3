// The line that is shown wherever a model is shown, from its own metadata.

import { basename } from "node:path";
import type { CityModel } from "./read-model.ts";

export function attributionOf(model: CityModel, path: string): string {
  const { metadata } = model;
  const contact = metadata["pointOfContact"];
  const name =
    typeof contact === "object" && contact !== null ? (contact as Record<string, unknown>)["contactName"] : undefined;
  const all = JSON.stringify(metadata).slice(0, 20_000) + basename(path);
  const license = /CC[ -]BY[ -]4\.0|creativecommons\.org\/licenses\/by\/4\.0/i.test(all) ? ", CC BY 4.0" : "";
  // Models of the Dutch 3D register and of 3dfier carry their makers' licence only in their name or attributes.
  if (hasDutchBaseMap(model)) return "3DBAG / 3dfier open data, CC BY 4.0";
  if (/3dbag|3d bag/i.test(all)) return `© 3DBAG by tudelft3d and 3DGI, CC BY 4.0; source: ${basename(path)}`;
  const title = metadata["title"];
  const parts = [title, name].filter((part): part is string => typeof part === "string" && part !== "");
  return parts.length === 0
    ? `source: ${basename(path)}${license}`
    : `© ${parts.join(", ").slice(0, 160)}${license}; source: ${basename(path)}`;
}

function hasDutchBaseMap(model: CityModel): boolean {
  for (const object of model.objects.values())
    return object.attributes?.["namespace"] === "NL.IMGeo" || "bgt_status" in (object.attributes ?? {});
  return false;
}
