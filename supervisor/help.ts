// `npm run help`: the commands and every setting, its environment variable, default and meaning.

import { helpText } from "./help-text.ts";

console.log(helpText());
