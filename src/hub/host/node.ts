import { totalmem } from "node:os";
import type { ModelStorage } from "../storage";
import { NodeStorage } from "./nodeStorage";

/** Keeps models in a folder of the file system; undefined in hosts without one. */
export const openFolderStorage: ((folder: string) => ModelStorage) | undefined = (folder) => new NodeStorage(folder);

/** Memory of the machine in bytes; undefined where that is unknown. */
export function machineBytes(): number | undefined {
  return totalmem();
}
