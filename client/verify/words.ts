// The words of the verify page.

import { addWords } from "../core/language.ts";
import en from "../core/messages/verify-en.json" with { type: "json" };
import ko from "../core/messages/verify-ko.json" with { type: "json" };

addWords({ en, ko });
