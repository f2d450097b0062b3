// The process that answers SensorThings requests over a read-only connection of its own: a slow query keeps no reading
// waiting, and can be killed. Ends with the process that started it.

import { Database } from "../store/database.ts";
import { answerRequest, failure, type SensorThingsRequest } from "./answer.ts";

const [, , dataFolder] = process.argv;
if (process.send === undefined || dataFolder === undefined) throw new Error("this file is started by the twin");
const database = Database.forReading(dataFolder);

process.on("message", (request: SensorThingsRequest) => {
  try {
    process.send?.(answerRequest(database, request));
  } catch (error) {
    process.send?.({ ...failure(500, "the twin failed to answer"), error: (error as Error).message });
  }
});
process.on("disconnect", () => process.exit(0));
// Ctrl-C in a terminal reaches the whole group; the twin says when it is over.
process.on("SIGINT", () => undefined);

process.send("ready");
