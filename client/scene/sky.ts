// The sky's triangle, and the ground that goes on beyond the world's edge until fog takes it.

import { VertexBuffer } from "@babylonjs/core/Buffers/buffer.js";
import type { TargetCamera } from "@babylonjs/core/Cameras/targetCamera.js";
import { Vector3 } from "@babylonjs/core/Maths/math.vector.js";
import { Mesh } from "@babylonjs/core/Meshes/mesh.js";
import type { Scene } from "@babylonjs/core/scene.js";
import type { WorldManifest } from "../../worlds/format/world.ts";
import { type Materials, renderingGroups } from "./materials.ts";
import { boardSurface } from "./shaders/ground.ts";

export class Sky {
  readonly #mesh: Mesh;
  readonly #materials: Materials;
  readonly #corners = new Array<number>(12).fill(0);

  constructor(scene: Scene, materials: Materials) {
    this.#materials = materials;
    this.#mesh = new Mesh("sky", scene);
    this.#mesh.setVerticesBuffer(
      new VertexBuffer(scene.getEngine(), new Float32Array([-1, -1, 0, 3, -1, 0, -1, 3, 0]), "position", { size: 3 }),
    );
    this.#mesh.setIndices([0, 1, 2]);
    this.#mesh.material = materials.sky;
    this.#mesh.alwaysSelectAsActiveMesh = true;
    this.#mesh.isPickable = false;
    // After everything else, so that only pixels without a city pay for clouds.
    this.#mesh.renderingGroupId = renderingGroups.sky;
    scene.setRenderingAutoClearDepthStencil(renderingGroups.city, false, false, false);
    scene.setRenderingAutoClearDepthStencil(renderingGroups.sky, false, false, false);
    materials.sky.setArray4("corners", this.#corners);
  }

  update(camera: TargetCamera, aspect: number): void {
    const tan = Math.tan(camera.fov / 2);
    const forward = camera.getDirection(Vector3.Forward());
    const right = camera.getDirection(Vector3.Right()).scale(tan * aspect);
    const up = camera.getDirection(Vector3.Up()).scale(tan);
    [forward, right, up].forEach((v, i) => {
      this.#corners[i * 4] = v.x;
      this.#corners[i * 4 + 1] = v.y;
      this.#corners[i * 4 + 2] = v.z;
    });
    this.#materials.sky.setArray4("corners", this.#corners);
  }
}

/** The board that the model stands on: wide enough to meet the fog, a little lower than the tiles. */
export function outskirts(scene: Scene, materials: Materials, manifest: WorldManifest): Mesh {
  let [west, south, east, north] = manifest.bounds;
  let low = Number.POSITIVE_INFINITY;
  for (const { box } of manifest.tiles) {
    west = Math.min(west, box[0]);
    south = Math.min(south, box[1]);
    east = Math.max(east, box[3]);
    north = Math.max(north, box[4]);
    low = Math.min(low, box[2]);
  }
  const level = (Number.isFinite(low) ? low : 0) - 0.4;
  const far = 12_000;
  const xs = [west - far, west, east, east + far];
  const ys = [south - far, south, north, north + far];
  const positions: number[] = [];
  const indices: number[] = [];
  for (const y of ys) for (const x of xs) positions.push(x, level, y);
  for (let row = 0; row < 3; row++)
    for (let column = 0; column < 3; column++) {
      // The middle is the city's own, but it may have holes where its builder saw no land.
      const a = row * 4 + column;
      indices.push(a, a + 1, a + 5, a, a + 5, a + 4);
    }
  const mesh = new Mesh("outskirts", scene);
  const engine = scene.getEngine();
  mesh.setVerticesBuffer(new VertexBuffer(engine, new Float32Array(positions), "position", { size: 3 }));
  mesh.setVerticesBuffer(
    new VertexBuffer(
      engine,
      Int8Array.from({ length: 64 }, (_, i) => [0, 127, 0, boardSurface][i % 4]!),
      "normal",
      {
        size: 4,
        type: VertexBuffer.BYTE,
        normalized: true,
        useBytes: true,
        stride: 4,
      },
    ),
  );
  mesh.setVerticesBuffer(new VertexBuffer(engine, new Float32Array(16).fill(-2), "object", { size: 1, stride: 1 }));
  mesh.setIndices(indices);
  mesh.material = materials.ground;
  mesh.alwaysSelectAsActiveMesh = true;
  mesh.isPickable = false;
  mesh.renderingGroupId = renderingGroups.city;
  mesh.freezeWorldMatrix();
  return mesh;
}
