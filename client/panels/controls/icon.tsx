// Icons of Tabler (MIT), inlined at build time; only those named here are in the bundle.

import adjustments from "@tabler/icons/outline/adjustments-horizontal.svg?raw";
import alert from "@tabler/icons/outline/alert-triangle.svg?raw";
import left from "@tabler/icons/outline/arrow-left.svg?raw";
import up from "@tabler/icons/outline/arrow-up.svg?raw";
import bolt from "@tabler/icons/outline/bolt.svg?raw";
import building from "@tabler/icons/outline/building-community.svg?raw";
import bulb from "@tabler/icons/outline/bulb.svg?raw";
import bus from "@tabler/icons/outline/bus.svg?raw";
import traffic from "@tabler/icons/outline/car.svg?raw";
import check from "@tabler/icons/outline/check.svg?raw";
import down from "@tabler/icons/outline/chevron-down.svg?raw";
import circleDashed from "@tabler/icons/outline/circle-dashed.svg?raw";
import cloud from "@tabler/icons/outline/cloud.svg?raw";
import copy from "@tabler/icons/outline/copy.svg?raw";
import blocks from "@tabler/icons/outline/cube.svg?raw";
import focus from "@tabler/icons/outline/current-location.svg?raw";
import download from "@tabler/icons/outline/download.svg?raw";
import fingerprint from "@tabler/icons/outline/fingerprint.svg?raw";
import touch from "@tabler/icons/outline/hand-finger.svg?raw";
import wave from "@tabler/icons/outline/hand-stop.svg?raw";
import help from "@tabler/icons/outline/help.svg?raw";
import home from "@tabler/icons/outline/home.svg?raw";
import key from "@tabler/icons/outline/key.svg?raw";
import keyboard from "@tabler/icons/outline/keyboard.svg?raw";
import guardian from "@tabler/icons/outline/lifebuoy.svg?raw";
import map from "@tabler/icons/outline/map-2.svg?raw";
import chat from "@tabler/icons/outline/message-circle.svg?raw";
import minus from "@tabler/icons/outline/minus.svg?raw";
import mouse from "@tabler/icons/outline/mouse.svg?raw";
import plugOff from "@tabler/icons/outline/plug-connected-x.svg?raw";
import plus from "@tabler/icons/outline/plus.svg?raw";
import ripple from "@tabler/icons/outline/ripple.svg?raw";
import search from "@tabler/icons/outline/search.svg?raw";
import send from "@tabler/icons/outline/send-2.svg?raw";

import shield from "@tabler/icons/outline/shield-check.svg?raw";
import sun from "@tabler/icons/outline/sun.svg?raw";
import train from "@tabler/icons/outline/train.svg?raw";
import user from "@tabler/icons/outline/user.svg?raw";
import users from "@tabler/icons/outline/users.svg?raw";
import walk from "@tabler/icons/outline/walk.svg?raw";
import wallet from "@tabler/icons/outline/wallet.svg?raw";
import wind from "@tabler/icons/outline/wind.svg?raw";
import close from "@tabler/icons/outline/x.svg?raw";
import type { JSX } from "preact";

const icons = {
  guardian,
  shield,
  sun,
  up,
  adjustments,
  alert,
  blocks,
  bolt,
  building,
  bulb,
  bus,
  chat,
  check,
  circleDashed,
  close,
  cloud,
  copy,
  down,
  download,
  fingerprint,
  focus,
  help,
  home,
  key,
  keyboard,
  left,
  map,
  minus,
  mouse,
  plugOff,
  plus,
  ripple,
  search,
  send,
  touch,
  traffic,
  train,
  user,
  users,
  walk,
  wallet,
  wave,
  wind,
} as const;
export type IconName = keyof typeof icons;

/** An icon for the eye only: the words stand beside it or in the control's label. */
export function Icon({ name, size = 22 }: { name: IconName; size?: number }): JSX.Element {
  return (
    <span
      class="icon"
      aria-hidden="true"
      style={{ "--icon-size": `${size}px` }}
      dangerouslySetInnerHTML={{ __html: icons[name] }}
    />
  );
}

const kindIcons: Readonly<Record<string, IconName>> = {
  meter: "bolt",
  lamp: "bulb",
  air: "wind",
  traffic: "traffic",
  river: "ripple",
  tram: "train",
  bus: "bus",
  weather: "cloud",
};
export const kindIcon = (kind: string): IconName => kindIcons[kind] ?? "building";
