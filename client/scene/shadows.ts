// A shadow cascade around where the eye rests, drawn again only when the light or the place has moved, or life nearby asks.
// There are two: a fine one near the citizen, and a coarse one that gives the rest of the city its shadows.

import { Camera } from "@babylonjs/core/Cameras/camera.js";
import { FreeCamera } from "@babylonjs/core/Cameras/freeCamera.js";
import { Constants } from "@babylonjs/core/Engines/constants.js";
import type { ShaderMaterial } from "@babylonjs/core/Materials/shaderMaterial.js";
import { RenderTargetTexture } from "@babylonjs/core/Materials/Textures/renderTargetTexture.js";
import { Vector3 } from "@babylonjs/core/Maths/math.vector.js";
import type { Mesh } from "@babylonjs/core/Meshes/mesh.js";
import type { Scene } from "@babylonjs/core/scene.js";
import type { Air } from "./air.ts";
import type { Materials } from "./materials.ts";

export class Shadows {
  readonly #air: Air;
  readonly #materials: Materials;
  readonly #camera: FreeCamera;
  readonly #texture: RenderTargetTexture;
  readonly #size: number;
  readonly #cascade: 0 | 1;
  /** Metres from the centre back to the light's camera. */
  readonly #back: number;
  #reach: number;
  #centre = new Vector3(Number.NaN, 0, 0);
  #lightVersion = -1;
  #frame = 0;

  constructor(scene: Scene, air: Air, materials: Materials, cascade: 0 | 1, size: number, reach: number) {
    this.#air = air;
    this.#materials = materials;
    this.#cascade = cascade;
    this.#size = size;
    this.#reach = reach;
    this.#back = cascade === 0 ? 800 : 1500;
    this.#camera = new FreeCamera("shadow", Vector3.Zero(), scene, false);
    this.#camera.mode = Camera.ORTHOGRAPHIC_CAMERA;
    this.#camera.minZ = 1;
    this.#camera.maxZ = 2 * this.#back;
    this.#texture = new RenderTargetTexture("shadow", this.#size, scene, {
      generateMipMaps: false,
      type: Constants.TEXTURETYPE_UNSIGNED_BYTE,
      generateDepthBuffer: false,
    });
    this.#texture.createDepthStencilTexture(Constants.LESS, true, false);
    this.#texture.activeCamera = this.#camera;
    this.#texture.renderList = [];
    this.#texture.refreshRate = RenderTargetTexture.REFRESHRATE_RENDER_ONCE;
    this.#texture.ignoreCameraViewport = true;
    this.#texture.useCameraPostProcesses = false;
    this.#texture.skipInitialClear = false;
    scene.customRenderTargets.push(this.#texture);
    materials.setShadowMap(cascade, this.#texture);
  }

  add(mesh: Mesh, caster: ShaderMaterial): void {
    this.#texture.renderList?.push(mesh);
    this.#texture.setMaterialForRendering(mesh, caster);
  }

  /** Metres from the focus that are shadowed; grows when one flies. */
  setReach(reach: number): void {
    if (Math.abs(reach - this.#reach) > this.#reach * 0.15) {
      this.#reach = reach;
      this.#lightVersion = -1;
    }
  }

  /** Babylon's frame. Every `every` frames the map is drawn anew for what moves; 0 for only when needed. */
  update(x: number, y: number, z: number, every: number): void {
    const focus = new Vector3(x, y, z);
    const step = this.#reach * 0.12;
    const moved = !(Vector3.DistanceSquared(focus, this.#centre) < step * step);
    this.#frame++;
    const due = every > 0 && this.#frame % every === 0;
    if (!moved && this.#lightVersion === this.#air.version && !due) return;
    if (moved) this.#centre = focus;
    this.#lightVersion = this.#air.version;
    const worldTexel = (2 * this.#reach) / this.#size;
    const [kx, ky, kz] = this.#air.keyDirection;
    const towards = new Vector3(-kx, -ky, -kz);
    const right = Vector3.Cross(Vector3.Up(), towards).normalize();
    const up = Vector3.Cross(towards, right);
    // Snapped to whole texels, or edges would crawl as one walks.
    const snap = (axis: Vector3): number =>
      Math.round(Vector3.Dot(this.#centre, axis) / worldTexel) * worldTexel - Vector3.Dot(this.#centre, axis);
    const eye = this.#centre
      .add(right.scale(snap(right)))
      .add(up.scale(snap(up)))
      .subtract(towards.scale(this.#back));
    this.#camera.position.copyFrom(eye);
    this.#camera.setTarget(eye.add(towards));
    this.#camera.orthoLeft = -this.#reach;
    this.#camera.orthoRight = this.#reach;
    this.#camera.orthoTop = this.#reach;
    this.#camera.orthoBottom = -this.#reach;
    const matrix = this.#materials.shadowMatrices[this.#cascade];
    this.#camera.getViewMatrix(true).multiplyToRef(this.#camera.getProjectionMatrix(true), matrix);
    matrix.markAsUpdated();
    this.#air.setShadow(this.#cascade, 1 / this.#size, worldTexel);
    this.#texture.resetRefreshCounter();
  }

  dispose(): void {
    this.#materials.setShadowMap(this.#cascade, null);
    this.#texture.dispose();
    this.#camera.dispose();
  }
}
