import type { EngineClientOptions } from "./clientOptions";
import type { ModelDescription } from "./protocol";

/** Writes to the log which model was opened, on what, and how fast. */
export function logOpened(
  { name, storage, info, draftModel }: ModelDescription,
  log: EngineClientOptions["log"],
): void {
  const threads = info.threads === 1 ? "1 thread" : `${info.threads} threads`;
  log.info(
    `Opened ${name} (${storage}) in ${Math.round(info.loadMs)} ms: ${info.backend}, ${info.precision}, ${threads}.`,
  );
  if (info.parts) {
    const parts = info.parts.map(({ backend, layers, weightBytes }) => {
      return `${layers} layers on ${backend} (${Math.round(weightBytes / 2 ** 20)} MB)`;
    });
    log.info(`The model is split over ${parts.length} heaps: ${parts.join(", ")}.`);
  }
  if (draftModel?.kind === "ready") log.info(`Draft model: ${draftModel.name} (${draftModel.storage}).`);
  if (draftModel?.kind === "unusable") log.warn(`The draft model is not used. ${draftModel.problem}`);
}
