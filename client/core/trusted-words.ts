// The words of the panel that shows what this browser trusts. Imported by the parts that say them, so that the first paint does not
// wait for them.

import { addWords } from "./language.ts";
import en from "./messages/trusted-en.json" with { type: "json" };
import ko from "./messages/trusted-ko.json" with { type: "json" };

addWords({ en, ko });
