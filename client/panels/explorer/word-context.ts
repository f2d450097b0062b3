// What sentences about transactions need to know of this city.

import { chain } from "../../core/blocks.ts";
import type { WordContext } from "../../core/message-words.ts";
import { deviceName } from "../../core/world.ts";

export const wordContext = (): WordContext => ({ slotSeconds: chain.value?.slotSeconds ?? 60, deviceName });
