// The words of guardians, recoveries and roles. Imported by the parts that say them, so that the first paint does not wait for them.

import { addWords } from "./language.ts";
import en from "./messages/guardians-en.json" with { type: "json" };
import ko from "./messages/guardians-ko.json" with { type: "json" };

addWords({ en, ko });
