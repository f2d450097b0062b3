// The handful of materials that draw the city, all fed by the same light.

import { ShaderMaterial } from "@babylonjs/core/Materials/shaderMaterial.js";
import type { BaseTexture } from "@babylonjs/core/Materials/Textures/baseTexture.js";
import type { RenderTargetTexture } from "@babylonjs/core/Materials/Textures/renderTargetTexture.js";
import { Matrix } from "@babylonjs/core/Maths/math.vector.js";
import type { Scene } from "@babylonjs/core/scene.js";
import "@babylonjs/core/Shaders/ShadersInclude/instancesDeclaration.js";
import "@babylonjs/core/Shaders/ShadersInclude/instancesVertex.js";
import type { Quality } from "./quality.ts";
import { buildingFragment, buildingVertex } from "./shaders/building.ts";
import { groundFragment, groundVertex } from "./shaders/ground.ts";
import { casterFragment, propCasterVertex, propFragment, propVertex, tileCasterVertex } from "./shaders/prop.ts";
import { skyFragment, skyVertex } from "./shaders/sky.ts";
import { waterFragment, waterVertex } from "./shaders/water.ts";

/** Drawn one after the other on one depth buffer. */
export const renderingGroups = { depth: 0, city: 1, sky: 2 } as const;

/** How an instanced thing moves; each is a variant of the one prop shader. */
export type PropMotion = "still" | "wind" | "people" | "birds";
const motionDefines: Record<PropMotion, string[]> = { still: [], wind: ["WIND"], people: ["PEOPLE"], birds: ["BIRDS"] };

export class Materials {
  readonly building: ShaderMaterial;
  readonly ground: ShaderMaterial;
  readonly water: ShaderMaterial;
  readonly sky: ShaderMaterial;
  readonly tileCaster: ShaderMaterial;
  /** Depth alone, drawn before the city: hidden walls are then never shaded. */
  readonly tileDepth: ShaderMaterial;
  readonly #scene: Scene;
  readonly #quality: Quality;
  readonly #all: ShaderMaterial[] = [];
  readonly #casters: ShaderMaterial[] = [];
  readonly #props = new Map<string, ShaderMaterial>();
  readonly #rows: number[];
  /** Of the near and the far cascade. */
  readonly shadowMatrices: readonly [Matrix, Matrix] = [Matrix.Identity(), Matrix.Identity()];
  readonly #textures = new Map<string, BaseTexture>();
  readonly #shadows: [RenderTargetTexture | null, RenderTargetTexture | null] = [null, null];

  constructor(scene: Scene, quality: Quality, rows: number[]) {
    this.#scene = scene;
    this.#quality = quality;
    this.#rows = rows;
    this.building = this.#make(
      "building",
      buildingVertex,
      buildingFragment,
      ["position", "normal", "walls", "object"],
      {
        samplers: ["objectTable", "liveTable"],
      },
    );
    this.ground = this.#make("ground", groundVertex, groundFragment, ["position", "normal", "object"]);
    this.water = this.#make("water", waterVertex, waterFragment, ["position", "object"]);
    this.sky = this.#make("sky", skyVertex, skyFragment, ["position"], { uniforms: ["corners"], dark: true });
    this.sky.disableDepthWrite = true;
    this.sky.backFaceCulling = false;
    this.building.backFaceCulling = false;
    this.ground.backFaceCulling = false;
    this.water.backFaceCulling = false;
    this.tileCaster = this.#makeCaster("tile-caster", tileCasterVertex, ["position"], []);
    this.tileDepth = this.#makeCaster("tile-depth", tileCasterVertex, ["position"], []);
    this.tileDepth.disableColorWrite = true;
  }

  prop(motion: PropMotion, twoSided = false): ShaderMaterial {
    const key = `${motion}${twoSided ? "-two-sided" : ""}`;
    let material = this.#props.get(key);
    if (!material) {
      const attributes = ["position", "normal", "color", "part", "tint"];
      if (motion === "people") attributes.push("motion");
      material = this.#make(`prop-${key}`, propVertex, propFragment, attributes, { defines: motionDefines[motion] });
      material.backFaceCulling = !twoSided;
      for (const [name, texture] of this.#textures) if (name === "baked") material.setTexture(name, texture);
      this.#props.set(key, material);
    }
    return material;
  }

  propCaster(motion: PropMotion): ShaderMaterial {
    const key = `caster-${motion}`;
    let material = this.#props.get(key);
    if (!material) {
      const attributes = ["position", "normal", "part", "tint"];
      if (motion === "people") attributes.push("motion");
      material = this.#makeCaster(key, propCasterVertex, attributes, motionDefines[motion]);
      this.#props.set(key, material);
    }
    return material;
  }

  setBaked(texture: BaseTexture): void {
    this.#textures.set("baked", texture);
    for (const material of this.#all) if (material !== this.sky) material.setTexture("baked", texture);
  }

  setTables(objects: BaseTexture, live: BaseTexture): void {
    this.building.setTexture("objectTable", objects);
    this.building.setTexture("liveTable", live);
  }

  /** Null for no shadows. Must be called before the first frame. */
  setShadowMap(cascade: 0 | 1, texture: RenderTargetTexture | null): void {
    this.#shadows[cascade] = texture;
  }

  /** Once a frame: everything reads the same rows. */
  update(): void {
    for (const material of this.#all) material.setArray4("air", this.#rows);
    for (const material of this.#casters) material.setFloat("casterTime", this.#rows[11]!);
  }

  #make(
    name: string,
    vertexSource: string,
    fragmentSource: string,
    attributes: string[],
    more: { samplers?: string[]; uniforms?: string[]; defines?: string[]; dark?: boolean } = {},
  ): ShaderMaterial {
    const shadows = this.#quality.shadowSize > 0 && !more.dark;
    const defines = [...(more.defines ?? [])];
    if (shadows) defines.push("SHADOWS");
    if (this.#quality.softShadows) defines.push("SOFT");
    if (this.#quality.simpleShaders) defines.push("LOW");
    const samplers = [...(more.samplers ?? [])];
    if (!more.dark) samplers.push("baked");
    if (shadows) samplers.push("shadowMap", "shadowMapFar");
    const uniforms = ["world", "viewProjection", "air", ...(more.uniforms ?? [])];
    if (shadows) uniforms.push("shadowMatrix", "shadowMatrixFar");
    const material = new ShaderMaterial(
      name,
      this.#scene,
      { vertexSource, fragmentSource },
      { attributes, uniforms, samplers, defines },
    );
    material.setArray4("air", this.#rows);
    if (shadows) {
      material.setMatrix("shadowMatrix", this.shadowMatrices[0]);
      material.setMatrix("shadowMatrixFar", this.shadowMatrices[1]);
      material.onBindObservable.add(() => {
        const [near, far] = this.#shadows;
        if (near) material.getEffect()?.setDepthStencilTexture("shadowMap", near);
        if (far) material.getEffect()?.setDepthStencilTexture("shadowMapFar", far);
      });
    }
    this.#all.push(material);
    return material;
  }

  #makeCaster(name: string, vertexSource: string, attributes: string[], defines: string[]): ShaderMaterial {
    const material = new ShaderMaterial(
      name,
      this.#scene,
      { vertexSource, fragmentSource: casterFragment },
      { attributes, uniforms: ["world", "viewProjection", "casterTime"], defines },
    );
    // Roofs and leaves seen from behind still stop the light.
    material.backFaceCulling = false;
    this.#casters.push(material);
    return material;
  }
}
