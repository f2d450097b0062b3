// The words of proofs for others. Imported by the part that says them, so that the first paint does not wait for them.

import { addWords } from "./language.ts";
import en from "./messages/proof-en.json" with { type: "json" };
import ko from "./messages/proof-ko.json" with { type: "json" };

addWords({ en, ko });
