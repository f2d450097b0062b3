import { describe, expect, it } from "vitest";
import { fromBundleText } from "../../ledger/light/bundle/text-forms.ts";
import type { BundleQuestion } from "../../ledger/light/verdict.ts";
import { loadCore } from "../../wasm-core/bindings/node.ts";
import { proofFileName, verifyAddress } from "./proof-file.ts";

const id = "ab".repeat(32);
const reading = { device: "air-01", stream: "pm10", time: "2026-01-01T00:00:00.000Z", result: 1, logIndex: 12 };
const names: readonly (readonly [BundleQuestion, string])[] = [
  [{ kind: "reading", reading }, "proof-air-01-pm10-12.glasstown"],
  [{ kind: "state", name: "money/balance/ada" }, "proof-money-balance-ada.glasstown"],
  [{ kind: "result", id, height: 4 }, "proof-result-abababababababab.glasstown"],
  [{ kind: "event", id, height: 4, number: 2 }, "proof-event-2-abababababababab.glasstown"],
  [{ kind: "log", size: 8 }, "proof-log-8.glasstown"],
];

describe("a proof's file", () => {
  it.each(names)("%j is called %s", (question, name) => expect(proofFileName(question)).toBe(name));

  it("has a name that every file system takes, whatever the fact is called", () => {
    for (const name of [
      "../../etc/passwd",
      "CON",
      "a\u0000b\n",
      "가로등/1",
      "x".repeat(500),
      `${"x".repeat(59)}/y`,
      "",
    ])
      expect(proofFileName({ kind: "state", name })).toMatch(/^proof-?([A-Za-z0-9]+(-[A-Za-z0-9]+)*)?\.glasstown$/);
    expect(proofFileName({ kind: "state", name: "x".repeat(500) }).length).toBeLessThan(100);
  });

  it("goes to the verify page in the fragment alone", () => {
    const bytes = Uint8Array.of(1, 2, 250, 255);
    const address = new URL(verifyAddress(bytes), "https://city.example/anywhere?else");
    expect([address.pathname, address.search]).toEqual(["/verify/", ""]);
    expect(fromBundleText(loadCore(), address.href)).toEqual(bytes);
    expect(verifyAddress(null)).toBe("/verify/");
  });
});
