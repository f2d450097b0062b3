// Many copies of one shape in one draw call: positions, tints and (people) motions in growing arrays on the GPU.

import { VertexBuffer } from "@babylonjs/core/Buffers/buffer.js";
import { Mesh } from "@babylonjs/core/Meshes/mesh.js";
import "@babylonjs/core/Meshes/thinInstanceMesh.js";
import type { Scene } from "@babylonjs/core/scene.js";
import { writePlacement } from "./frame.ts";
import { type Materials, type PropMotion, renderingGroups } from "./materials.ts";
import type { ShapeData } from "./shapes/shape.ts";

export class PropSet {
  readonly mesh: Mesh;
  readonly motion: PropMotion;
  matrices: Float32Array<ArrayBuffer>;
  tints: Float32Array<ArrayBuffer>;
  motions: Float32Array<ArrayBuffer> | null;
  count = 0;
  #uploaded = 0;
  readonly #moving: boolean;

  /** `moving` sets are rewritten every frame and keep their buffers. */
  constructor(
    name: string,
    scene: Scene,
    materials: Materials,
    shape: ShapeData,
    motion: PropMotion,
    options: { readonly moving: boolean; readonly twoSided?: boolean },
  ) {
    this.motion = motion;
    this.#moving = options.moving;
    const engine = scene.getEngine();
    this.mesh = new Mesh(name, scene);
    const put = (kind: string, data: Float32Array, size: number): void => {
      this.mesh.setVerticesBuffer(new VertexBuffer(engine, data, kind, { updatable: false, size, stride: size }));
    };
    put("position", shape.positions, 3);
    put("normal", shape.normals, 3);
    put("color", shape.colours, 3);
    put("part", shape.parts, 3);
    this.mesh.setIndices(shape.indices);
    this.mesh.material = materials.prop(motion, options.twoSided);
    this.mesh.alwaysSelectAsActiveMesh = true;
    this.mesh.doNotSyncBoundingInfo = true;
    this.mesh.isPickable = false;
    this.mesh.renderingGroupId = renderingGroups.city;
    this.mesh.freezeWorldMatrix();
    this.mesh.setEnabled(false);
    this.matrices = new Float32Array(16 * 4);
    this.tints = new Float32Array(4 * 4);
    this.motions = motion === "people" ? new Float32Array(4 * 4) : null;
  }

  clear(): void {
    this.count = 0;
  }

  #grow(): void {
    const more = <T extends Float32Array<ArrayBuffer>>(old: T): Float32Array<ArrayBuffer> => {
      const bigger = new Float32Array(old.length * 2);
      bigger.set(old);
      return bigger;
    };
    this.matrices = more(this.matrices);
    this.tints = more(this.tints);
    if (this.motions) this.motions = more(this.motions);
  }

  /** Babylon's frame; returns the copy's index. */
  add(
    x: number,
    y: number,
    z: number,
    heading: number,
    scale: number | readonly [number, number, number],
    tint: readonly [number, number, number],
    extra: number,
    pitch = 0,
  ): number {
    const index = this.count++;
    if (index * 16 >= this.matrices.length) this.#grow();
    const [sx, sy, sz] = typeof scale === "number" ? [scale, scale, scale] : scale;
    writePlacement(this.matrices, index * 16, x, y, z, heading, sx, sy, sz, pitch);
    this.tints[index * 4] = tint[0];
    this.tints[index * 4 + 1] = tint[1];
    this.tints[index * 4 + 2] = tint[2];
    this.tints[index * 4 + 3] = extra;
    return index;
  }

  setMotion(index: number, phase: number, swing: number, gesture: number, progress: number): void {
    if (!this.motions) return;
    this.motions[index * 4] = phase;
    this.motions[index * 4 + 1] = swing;
    this.motions[index * 4 + 2] = gesture;
    this.motions[index * 4 + 3] = progress;
  }

  /** Sends what was added to the GPU. */
  upload(): void {
    this.mesh.setEnabled(this.count > 0);
    if (this.count === 0) {
      this.mesh.thinInstanceCount = 0;
      return;
    }
    const capacity = this.matrices.length / 16;
    if (capacity !== this.#uploaded) {
      this.#uploaded = capacity;
      this.mesh.thinInstanceSetBuffer("matrix", this.matrices, 16, !this.#moving);
      this.mesh.thinInstanceSetBuffer("tint", this.tints, 4, !this.#moving);
      if (this.motions) this.mesh.thinInstanceSetBuffer("motion", this.motions, 4, !this.#moving);
    } else {
      this.mesh.thinInstanceBufferUpdated("matrix");
      this.mesh.thinInstanceBufferUpdated("tint");
      if (this.motions) this.mesh.thinInstanceBufferUpdated("motion");
    }
    this.mesh.thinInstanceCount = this.count;
  }

  /** After changing tints in place. */
  uploadTints(): void {
    if (this.count > 0 && this.#uploaded > 0) this.mesh.thinInstanceBufferUpdated("tint");
  }
}
