// The citizen to whom money is about to be sent, chosen in a card and read by the wallet's form.

import { signal } from "@preact/signals";

export const transferTo = signal("");
