// What a block does to those who wait: checked again is what rests on what it changed, and only what cannot pass any more is dropped.

import { expect, test } from "vitest";
import type { Application, Checked } from "../modules/application.ts";
import { fromUtf8, utf8 } from "../protocol/bytes.ts";
import { type RefusalName, refusalCodes } from "../protocol/refusals.ts";
import { Admission } from "./admission.ts";
import { CommitWaiters } from "./commit-waiters.ts";
import type { EngineReport } from "./engine-report.ts";

/** Verdicts by transaction; its text is `<id> <entries and lists that it rests on, which end in a slash>`. */
async function waiting(texts: readonly string[], verdicts: Map<string, RefusalName>) {
  const asked: string[] = [];
  const check = (bytes: Uint8Array): Checked => {
    const [id, ...rests] = fromUtf8(bytes).split(" ") as [string, ...string[]];
    asked.push(id);
    const refusal = verdicts.get(id);
    return {
      code: refusal === undefined ? 0 : refusalCodes[refusal],
      codespace: "",
      refusal: refusal ?? "",
      params: {},
      data: new Uint8Array(),
      events: [],
      id,
      by: [id],
      expires: 100,
      lane: "citizen",
      registrations: 0,
      rests: {
        names: rests.filter((name) => !name.endsWith("/")),
        prefixes: rests.filter((name) => name.endsWith("/")),
      },
    };
  };
  const reports: EngineReport[] = [];
  const application: Pick<Application, "check" | "checkAll"> = { check, checkAll: (all) => all.map(check) };
  const admission = new Admission({
    application: application as Application,
    waiters: new CommitWaiters(),
    report: (report) => reports.push(report),
    onTaken: () => undefined,
  });
  await admission.begin(async () => false);
  const taken = await Promise.all(texts.map((text) => admission.submit(utf8(text))));
  expect(taken.every(({ ok }) => ok)).toBe(true);
  asked.length = 0;
  const left = (): string[] => [...admission.mempool].map(({ id }) => id);
  return { admission, asked, reports, left };
}

test("checked again is what rests on an entry, or a list, that the block changed, and nothing else", async () => {
  const { admission, asked, left } = await waiting(["a money/a", "b money/b roles/city/", "c roles/", "d"], new Map());
  admission.settle([], 1, ["money/a"]);
  expect(asked.splice(0)).toEqual(["a"]);
  admission.settle([], 2, ["roles/city/x"]);
  expect(asked.splice(0).sort()).toEqual(["b", "c"]);
  admission.settle([], 3, ["roles/court/x", "money/", "roles", "transactions/quota/a"]);
  expect(asked.splice(0)).toEqual(["c"]);
  admission.settle(["a"], 4, ["money/a"]);
  expect(asked).toEqual([]);
  expect(left()).toEqual(["b", "c", "d"]);
});

test("what a block made invalid is dropped with its reason; what is over a quota waits for the next window", async () => {
  const verdicts = new Map<string, RefusalName>();
  const { admission, reports, left } = await waiting(["a money/a", "b money/b"], verdicts);
  verdicts.set("a", "transaction_quota_must_not_be_exceeded");
  verdicts.set("b", "money_balance_must_suffice");
  admission.settle([], 1, ["money/a", "money/b"]);
  expect(left()).toEqual(["a"]);
  expect(reports).toMatchObject([{ kind: "dropped", id: "b", refusal: { name: "money_balance_must_suffice" } }]);
  expect(admission.mempool.figures.dropped).toEqual({ money_balance_must_suffice: 1 });
});

test("a block that touches many has 256 of them checked again, and the blocks after it the others", async () => {
  const ids = Array.from({ length: 600 }, (_, n) => `t${n}`);
  const { admission, asked } = await waiting(
    ids.map((id) => `${id} city/params`),
    new Map(),
  );
  admission.settle([], 1, ["city/params"]);
  expect(asked).toEqual(ids.slice(0, 256));
  admission.settle([], 2, []);
  admission.settle([], 3, []);
  expect(asked).toEqual(ids);
  admission.settle([], 4, []);
  expect(asked).toEqual(ids);
});
