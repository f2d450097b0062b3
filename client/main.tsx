// The page's start: the interface first, then the world's lists, the citizen, the blocks; the 3D scene after the first paint.

import { effect, untracked } from "@preact/signals";
import { render } from "preact";
import "@fontsource-variable/inter/wght.css";
import "./styles/base.css";
import { exposeAutomation } from "./core/automation.ts";
import { chain, onBlock, startBlocks } from "./core/blocks.ts";
import { citizenship, refreshAccount, restoreCitizen } from "./core/citizen.ts";
import { outline, roomToScene, scene, sceneState, startScene } from "./core/city-scene.ts";
import { startClock, synchroniseClock } from "./core/clock.ts";
import { stopFlatWalk } from "./core/flat-walk.ts";
import { followCheckpointLinks } from "./core/given-checkpoint.ts";
import { startKeys } from "./core/keys.ts";
import { t } from "./core/language.ts";
import { followLiveValues } from "./core/live-values.ts";
import { startPreferences } from "./core/preferences.ts";
import { followRecoveryLinks } from "./core/recovery-request.ts";
import { enterCity, leaveCity, lookAtCrowd } from "./core/room.ts";
import type { OpenScene } from "./core/scene-port.ts";
import { startTheme } from "./core/theme.ts";
import { followHead } from "./core/trust.ts";
import { card, openPanel } from "./core/view.ts";
import { loadSuggestedWitnesses } from "./core/witnesses.ts";
import { loadWorld } from "./core/world.ts";
import { Application } from "./panels/application.tsx";
import { pressTool, tools } from "./panels/toolbar/panel.tsx";

const retryMsMax = 15_000;

/** The 3D scene: Babylon and all that draws, in a chunk of its own. */
const loadScene = async (): Promise<OpenScene> => (await import("./scene/open-scene.ts")).openScene;

/** Repeats a start-up step until it succeeds, with growing pauses: a server that is still starting is not an error. */
async function untilDone(step: () => Promise<void>): Promise<void> {
  for (let pause = 500; ; pause = Math.min(retryMsMax, pause * 2)) {
    try {
      await step();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

function start(): void {
  const canvas = document.getElementById("city");
  const root = document.getElementById("application");
  if (!(canvas instanceof HTMLCanvasElement) || root === null)
    throw new Error("index.html has lost its canvas or root");
  followRecoveryLinks();
  followCheckpointLinks(() => openPanel("trusted"));
  startPreferences();
  startClock();
  startTheme();
  exposeAutomation();
  document.getElementById("boot")?.remove();
  render(<Application />, root);
  startKeys((number) => pressTool(tools[number]?.panel ?? "help"), tools.length);
  startBlocks();
  followLiveValues();

  void untilDone(synchroniseClock);
  void untilDone(loadSuggestedWitnesses);
  void untilDone(loadWorld);
  void untilDone(restoreCitizen);
  // Two frames on, the first paint is out; then the scene's code may have the main thread.
  requestAnimationFrame(() => requestAnimationFrame(() => void startScene(canvas, loadScene)));

  effect(() => {
    const current = citizenship.value;
    if (current.state === "citizen") enterCity(current.identity, roomToScene);
    else {
      leaveCity();
      stopFlatWalk();
      if (current.state === "guest") void lookAtCrowd().catch(() => undefined);
    }
  });
  effect(() => {
    if (scene.value !== null) outline(card.value);
  });
  effect(() => {
    document.documentElement.dataset["scene"] = sceneState.value.state;
  });
  effect(() => {
    canvas.setAttribute("aria-label", t("scene.canvas"));
  });

  followHead();
  // Another chain on the same address: whoever was a citizen of the old one has to be looked for on the new.
  let known: string | null = null;
  effect(() => {
    const shown = chain.value?.chain ?? null;
    const changed = known !== null && shown !== null && shown !== known;
    known = shown ?? known;
    if (changed) untracked(() => void untilDone(restoreCitizen));
  });
  onBlock((block) => {
    const current = citizenship.peek();
    if (current.state !== "citizen") return;
    const { account } = current.identity;
    const touched =
      JSON.stringify(block).includes(account) || block.events.some(({ type }) => type.startsWith("energy/"));
    if (touched) refreshAccount().catch(() => undefined);
  });
  // Korean glyphs come when the page is idle; the browser fetches only the ranges that the text needs.
  requestIdleCallback?.(() => void import("./styles/korean.ts"));
}

start();
