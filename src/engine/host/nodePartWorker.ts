import { join } from "node:path";
import { parentPort } from "node:worker_threads";
import { servePart } from "../parts/servePart";
import type { FromPart, ToPart } from "../parts/protocol";
import { nodePlatform } from "./nodePlatform";

/** Entry of the worker thread of a part of a model. */
if (!parentPort) throw new Error("This file is the entry of a worker thread.");
const port = parentPort;
servePart(nodePlatform(join(__dirname, "ort")), {
  post: (message: FromPart, transfer = []) => port.postMessage(message, [...transfer]),
  onMessage: (listener) => void port.on("message", (message: ToPart) => listener(message)),
});
