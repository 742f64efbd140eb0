import type { ModelStorage } from "../storage";

/** Keeps models in a folder of the file system; undefined here, where there is none. */
export const openFolderStorage: ((folder: string) => ModelStorage) | undefined = undefined;

/** Memory of the machine in bytes; undefined where that is unknown. Browsers say at most 8 GB. */
export function machineBytes(): number | undefined {
  const { deviceMemory } = navigator as { readonly deviceMemory?: number };
  return deviceMemory === undefined ? undefined : deviceMemory * 2 ** 30;
}
