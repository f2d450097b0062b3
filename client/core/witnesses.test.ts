import { describe, expect, it } from "vitest";
import { witnessesMax } from "./preferences.ts";
import { chooseWitnesses, witnessBase } from "./witnesses.ts";

const origin = "https://city.example";
const choose = (given: Partial<Parameters<typeof chooseWitnesses>[0]>): ReturnType<typeof chooseWitnesses> =>
  chooseWitnesses({ own: [], off: [], suggested: [], origin, ...given });
const urls = (choice: ReturnType<typeof chooseWitnesses>): string[] => choice.asked.map(({ url }) => url);
const many = (name: string): string[] =>
  Array.from({ length: witnessesMax }, (_, at) => `https://${name}${at}.example`);

describe("the choice of witnesses", () => {
  it("asks those that the city suggests, and says from whom each comes", () => {
    expect(choose({ own: ["https://a.example"], suggested: ["https://b.example/"] })).toEqual({
      asked: [
        { url: "https://a.example", from: "citizen" },
        { url: "https://b.example", from: "city" },
      ],
      off: [],
      onlyItself: false,
    });
  });

  it("leaves out what the citizen took out, and names it", () => {
    const choice = choose({ off: ["https://b.example"], suggested: ["https://b.example", "https://c.example"] });
    expect([urls(choice), choice.off]).toEqual([["https://c.example"], ["https://b.example"]]);
  });

  it("takes the citizen's own even when the same suggestion was taken out", () => {
    const same = ["https://b.example"];
    const choice = choose({ own: same, off: same, suggested: same });
    expect([choice.asked, choice.off]).toEqual([[{ url: "https://b.example", from: "citizen" }], []]);
  });

  it("never lets suggestions push out the citizen's own", () => {
    expect(urls(choose({ own: many("own"), suggested: many("city") }))).toEqual(many("own"));
    const most = many("own").slice(1);
    expect(urls(choose({ own: most, suggested: many("city") }))).toEqual([...most, "https://city0.example"]);
  });

  it("does not take a server for a witness of itself", () => {
    const choice = choose({ suggested: [`${origin}/ledger`, `${origin}/other/`, "https://CITY.example:443"] });
    expect(choice).toEqual({ asked: [], off: [], onlyItself: true });
    expect(choose({ suggested: [`${origin}/ledger`, "https://b.example"] }).onlyItself).toBe(false);
    expect(choose({}).onlyItself).toBe(false);
  });

  it("drops suggestions that are no addresses, and those given twice", () => {
    const suggested = [
      "javascript:alert(1)",
      "ledger",
      "https://a:b@c.example",
      "https://d.example",
      "https://d.example/",
    ];
    expect(urls(choose({ suggested }))).toEqual(["https://d.example"]);
    expect(witnessBase("https://:word@c.example")).toBeNull();
  });
});
