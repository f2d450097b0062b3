// The thread that answers SensorThings requests over a read-only connection of its own: a slow query keeps no reading waiting.

import { parentPort, workerData } from "node:worker_threads";
import { Database } from "../store/database.ts";
import { answerRequest, failure, type SensorThingsRequest } from "./answer.ts";

if (parentPort === null) throw new Error("this file runs in a worker");
const port = parentPort;
const database = Database.forReading(String(workerData));

port.on("message", (request: SensorThingsRequest) => {
  try {
    port.postMessage(answerRequest(database, request));
  } catch (error) {
    port.postMessage({ ...failure(500, "the twin failed to answer"), error: (error as Error).message });
  }
});

port.postMessage("ready");
