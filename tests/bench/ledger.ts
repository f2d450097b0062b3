// `npm run bench:ledger [-- --quick]`: the ledger end to end over HTTP, its engine alone, and its state, each line with its growth.

import { benchOverHttp } from "./ledger-http.ts";
import { benchInProcess } from "./ledger-in-process.ts";
import { benchState } from "./ledger-state.ts";

await benchOverHttp();
await benchInProcess();
await benchState();
