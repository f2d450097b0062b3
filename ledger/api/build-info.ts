// What runs: the version of this project and of Node.

import { readFileSync } from "node:fs";

const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  readonly version: string;
};

export const buildInfo = { version: manifest.version, node: process.versions.node } as const;
