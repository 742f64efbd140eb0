/** Runs onnxruntime-web, whose number of threads can be set once in a thread of JavaScript. */
import { workerData } from "node:worker_threads";
import { openOrtWeb } from "./ortWeb";
import { serveEngine } from "./remoteEngine";

export interface OrtWebTask {
  readonly file: string;
  readonly threads: number;
}

const { file, threads } = workerData as OrtWebTask;
void serveEngine(openOrtWeb({ name: file, file: () => Promise.resolve(file) }, threads));
