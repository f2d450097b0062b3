// Settings as one part hands them to another: through the environment, and back to the same.

import { expect, it } from "vitest";
import { readSettings, type Settings, settingDeclarations } from "./settings.ts";

function handedOn(settings: Settings): Settings {
  const environment: Record<string, string> = {};
  for (const [name, { variable }] of Object.entries(settingDeclarations))
    environment[variable] = String(settings[name as keyof Settings]);
  return readSettings(environment);
}

it("survives being handed on, defaults and others", () => {
  const defaults = readSettings({});
  expect(handedOn(defaults)).toEqual(defaults);
  const others = readSettings({ GLASSTOWN_TRUSTED_PROXIES: "10.0.0.0/8, ::1", GLASSTOWN_PORT: "0" });
  expect(others.trustedProxies).toBe("10.0.0.0/8, ::1");
  expect(handedOn(others)).toEqual(others);
});

it("bounds the memory of the ledger's state by what a state tree can take", () => {
  expect(readSettings({ GLASSTOWN_LEDGER_STATE_MIB: "64" }).ledgerStateMib).toBe(64);
  for (const GLASSTOWN_LEDGER_STATE_MIB of ["63", "4097", "100.5", ""])
    expect(() => readSettings({ GLASSTOWN_LEDGER_STATE_MIB })).toThrow(/GLASSTOWN_LEDGER_STATE_MIB .* from 64 to 4096/);
});

it("names the variable and the entry of a list of proxies that is none", () => {
  expect(() => readSettings({ GLASSTOWN_TRUSTED_PROXIES: "10.0.0.0/8, nowhere" })).toThrow(
    /GLASSTOWN_TRUSTED_PROXIES.*nowhere/,
  );
});
