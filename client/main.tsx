// The page's start: the interface first, then the world's lists, the citizen, the blocks; the 3D scene after the first paint.

import { effect } from "@preact/signals";
import { render } from "preact";
import "@fontsource-variable/inter/wght.css";
import "./styles/base.css";
import { exposeAutomation } from "./core/automation.ts";
import { headHeight, onBlock, startBlocks } from "./core/blocks.ts";
import { citizenship, refreshAccount, restoreCitizen } from "./core/citizen.ts";
import { outline, roomToScene, scene, sceneState, startScene } from "./core/city-scene.ts";
import { startClock, synchroniseClock } from "./core/clock.ts";
import { learnCrowd } from "./core/guest-crowd.ts";
import { startKeys } from "./core/keys.ts";
import { t } from "./core/language.ts";
import { judgeHead } from "./core/light.ts";
import { followLiveValues } from "./core/live-values.ts";
import { startPreferences } from "./core/preferences.ts";
import { enterCity, leaveCity } from "./core/room.ts";
import { startTheme } from "./core/theme.ts";
import { card } from "./core/view.ts";
import { loadWorld } from "./core/world.ts";
import { Application } from "./panels/application.tsx";
import { pressTool, tools } from "./panels/toolbar/panel.tsx";

const retryMsMax = 15_000;

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
  void untilDone(loadWorld);
  void untilDone(restoreCitizen);
  // Two frames on, the first paint is out; then the scene's code may have the main thread.
  requestAnimationFrame(() => requestAnimationFrame(() => void startScene(canvas)));

  effect(() => {
    const current = citizenship.value;
    if (current.state === "citizen") enterCity(current.identity, roomToScene);
    else {
      leaveCity();
      if (current.state === "guest") void learnCrowd();
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

  // The trusted head follows the blocks, at most every four seconds: checking headers is work.
  let headAt = 0;
  const followHead = (): void => {
    if (Date.now() - headAt < 4000 || headHeight.peek() === 0) return;
    headAt = Date.now();
    void judgeHead(headHeight.peek());
  };
  onBlock(followHead);
  setInterval(followHead, 5000);
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
