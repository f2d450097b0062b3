// The words of validators and what they decide. Imported by the parts that say them, so that the first paint does not wait for them.

import { addWords } from "./language.ts";
import en from "./messages/validators-en.json" with { type: "json" };
import ko from "./messages/validators-ko.json" with { type: "json" };

addWords({ en, ko });
