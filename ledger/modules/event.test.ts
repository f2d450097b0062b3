// Events: only what a module declares, in the form it declares, under its own name.

import { describe, expect, it } from "vitest";
import { loadStateTree } from "../../wasm-core/bindings/node.ts";
import { CommittedReader, Overlay } from "../state/overlay.ts";
import { VersionedState } from "../state/versioned-state.ts";
import { enabledModules } from "./enabled.ts";
import { countText, declareEvent } from "./event.ts";
import { declaredBy, executionOn } from "./execute.ts";
import type { Module } from "./module.ts";

const counted = declareEvent("test/counted", { count: countText, by: countText.exactOptional() });
const test: Module = { name: "test", messages: [], events: [counted], invariants: [], workload: [] };
const moment = { height: 1, timeMs: 0, timeMsLatest: 0 };
const execution = () =>
  executionOn(declaredBy([test]), new Overlay(new CommittedReader(new VersionedState(loadStateTree()))), moment);

describe("events", () => {
  it("are told in the form declared", () => {
    const running = execution();
    counted.emit(running, { count: "12" });
    counted.emit(running, { count: "0", by: "1" });
    expect(running.events).toEqual([
      { type: "test/counted", attributes: { count: "12" } },
      { type: "test/counted", attributes: { count: "0", by: "1" } },
    ]);
  });

  it("that are not declared are a bug, as are other attributes", () => {
    const { emit } = execution();
    expect(() => emit("test/other", {})).toThrow("no module declares the event test/other");
    for (const attributes of [{}, { count: "01" }, { count: "1", more: "1" }, { count: 1 as unknown as string }])
      expect(() => emit("test/counted", attributes)).toThrow("the event test/counted is not in its form");
  });

  it("belong to one module, which their type names", () => {
    expect(() => declaredBy([{ ...test, name: "other" }])).toThrow("test/counted is not the other module's");
    expect(() => declaredBy([test, test])).toThrow("two modules claim test/counted");
    const all = [...declaredBy(enabledModules).events.values()];
    expect(all.length).toBeGreaterThan(5);
    for (const { type } of all) expect(type).toMatch(/^[a-z]+\/[a-z]+(-[a-z]+)*$/);
  });
});
