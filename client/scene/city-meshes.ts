// Tiles on the GPU: one mesh a layer and tile, and the tables that give each object its look.

import { VertexBuffer } from "@babylonjs/core/Buffers/buffer.js";
import { Constants } from "@babylonjs/core/Engines/constants.js";
import { RawTexture } from "@babylonjs/core/Materials/Textures/rawTexture.js";
import { Mesh } from "@babylonjs/core/Meshes/mesh.js";
import type { Scene } from "@babylonjs/core/scene.js";
import type { ObjectUse, WorldObject } from "../../worlds/format/world.ts";
import type { BakedSky, LoadedTile } from "../workers/city-messages.ts";
import { hashOf } from "./frame.ts";
import { type Materials, renderingGroups } from "./materials.ts";

/** Numbers that the building shader knows. */
const uses: readonly ObjectUse[] = [
  "house",
  "apartments",
  "office",
  "retail",
  "civic",
  "school",
  "industry",
  "tower",
  "culture",
];
const tableWidth = 256;

export class CityMeshes {
  readonly meshes: Mesh[] = [];
  readonly shadowCasters: Mesh[] = [];
  readonly #scene: Scene;
  readonly #materials: Materials;
  readonly #live: Uint8Array;
  readonly #liveTexture: RawTexture;
  readonly #objectTexture: RawTexture;
  readonly #depthFirst: boolean;
  #liveChanged = false;

  constructor(scene: Scene, materials: Materials, objects: readonly WorldObject[], depthFirst: boolean) {
    this.#scene = scene;
    this.#depthFirst = depthFirst;
    this.#materials = materials;
    const rows = Math.max(1, Math.ceil(objects.length / tableWidth));
    const table = new Float32Array(tableWidth * 2 * rows * 4);
    this.#live = new Uint8Array(tableWidth * rows * 4);
    objects.forEach((object, i) => {
      const at = ((i >> 8) * tableWidth + (i & 255)) * 8;
      const height = Math.max(1, object.height ?? object.box[5] - object.box[2]);
      const storeys = Math.max(1, Math.round(object.storeys ?? height / 3));
      const use = uses.indexOf(object.use);
      table[at] = Math.min(8, Math.max(2.2, object.storeyHeight ?? Math.min(4.2, height / storeys)));
      table[at + 1] = storeys;
      table[at + 2] = use < 0 ? (storeys > 3 ? 1 : 0) : use;
      table[at + 3] = height;
      table[at + 4] = hashOf(i + 1);
      table[at + 5] = object.box[2];
      // Until the first reading a home shows a quiet evening.
      this.#live[i * 4] = Math.round(255 * (0.22 + 0.25 * hashOf(i + 77)));
    });
    this.#objectTexture = new RawTexture(
      table,
      tableWidth * 2,
      rows,
      Constants.TEXTUREFORMAT_RGBA,
      scene,
      false,
      false,
      Constants.TEXTURE_NEAREST_SAMPLINGMODE,
      Constants.TEXTURETYPE_FLOAT,
    );
    this.#liveTexture = new RawTexture(
      this.#live,
      tableWidth,
      rows,
      Constants.TEXTUREFORMAT_RGBA,
      scene,
      false,
      false,
      Constants.TEXTURE_NEAREST_SAMPLINGMODE,
      Constants.TEXTURETYPE_UNSIGNED_BYTE,
    );
    materials.setTables(this.#objectTexture, this.#liveTexture);
  }

  addTile(tile: LoadedTile): void {
    const engine = this.#scene.getEngine();
    for (const data of tile.meshes) {
      const mesh = new Mesh(`tile-${tile.column}-${tile.row}-${data.layer}`, this.#scene);
      const put = (
        kind: string,
        array: Float32Array | Int8Array,
        size: number,
        type: number,
        normalized: boolean,
      ): void => {
        mesh.setVerticesBuffer(
          new VertexBuffer(engine, array, kind, {
            updatable: false,
            size,
            type,
            normalized,
            useBytes: true,
            stride: size * array.BYTES_PER_ELEMENT,
          }),
        );
      };
      put("position", data.positions, 3, VertexBuffer.FLOAT, false);
      put("normal", data.normals, 4, VertexBuffer.BYTE, true);
      if (data.layer === "buildings") put("walls", data.walls, 4, VertexBuffer.FLOAT, false);
      put("object", data.objects, 1, VertexBuffer.FLOAT, false);
      mesh.setIndices(data.indices);
      mesh.position.set(...tile.origin);
      mesh.isPickable = false;
      mesh.material =
        data.layer === "buildings"
          ? this.#materials.building
          : data.layer === "water"
            ? this.#materials.water
            : this.#materials.ground;
      mesh.computeWorldMatrix(true);
      mesh.refreshBoundingInfo();
      mesh.freezeWorldMatrix();
      mesh.doNotSyncBoundingInfo = true;
      if (data.layer === "buildings" && this.#depthFirst) this.#addDepth(mesh);
      mesh.renderingGroupId = renderingGroups.city;
      this.meshes.push(mesh);
      if (data.layer === "buildings" || data.layer === "bridges") this.shadowCasters.push(mesh);
    }
  }

  #addDepth(mesh: Mesh): void {
    const depth = new Mesh(`${mesh.name}-depth`, this.#scene);
    mesh.geometry?.applyToMesh(depth);
    depth.position.copyFrom(mesh.position);
    depth.material = this.#materials.tileDepth;
    depth.renderingGroupId = renderingGroups.depth;
    depth.isPickable = false;
    depth.computeWorldMatrix(true);
    depth.refreshBoundingInfo();
    depth.freezeWorldMatrix();
    depth.doNotSyncBoundingInfo = true;
    this.meshes.push(depth);
  }

  /** 0 to 1: the share of an object's windows that are lit at night. */
  setLive(object: number, level: number): void {
    if (object < 0 || object * 4 >= this.#live.length) return;
    this.#live[object * 4] = Math.round(255 * Math.min(1, Math.max(0, level)));
    this.#liveChanged = true;
  }

  /** Now and then: readings arrive by the thousand, the texture goes over once. */
  flush(): void {
    if (!this.#liveChanged) return;
    this.#liveChanged = false;
    this.#liveTexture.update(this.#live);
  }

  dispose(): void {
    for (const mesh of this.meshes) mesh.dispose();
    this.#objectTexture.dispose();
    this.#liveTexture.dispose();
  }
}

export function bakedTexture(scene: Scene, sky: BakedSky): RawTexture {
  const rgba = new Uint8Array(sky.width * sky.height * 4);
  for (let i = 0; i < sky.width * sky.height; i++) {
    rgba[i * 4] = sky.data[i * 3]!;
    rgba[i * 4 + 1] = sky.data[i * 3 + 1]!;
    rgba[i * 4 + 2] = sky.data[i * 3 + 2]!;
    rgba[i * 4 + 3] = 255;
  }
  const texture = new RawTexture(
    rgba,
    sky.width,
    sky.height,
    Constants.TEXTUREFORMAT_RGBA,
    scene,
    true,
    false,
    Constants.TEXTURE_TRILINEAR_SAMPLINGMODE,
    Constants.TEXTURETYPE_UNSIGNED_BYTE,
  );
  texture.wrapU = Constants.TEXTURE_CLAMP_ADDRESSMODE;
  texture.wrapV = Constants.TEXTURE_CLAMP_ADDRESSMODE;
  texture.anisotropicFilteringLevel = 4;
  return texture;
}
