import { ComputeError } from "../../errors";
import type { OrtLoader, OrtModule } from "./ortModule";

type Glue = (options: {
  numThreads: number;
  wasmBinary: Uint8Array;
  locateFile: (name: string) => string;
}) => Promise<OrtModule>;

/** ONNX Runtime's two files, `ort-wasm-simd-threaded.mjs` and `.wasm`, where they cannot be opened by path. */
export interface OrtFiles {
  readonly glue: Uint8Array;
  readonly wasm: Uint8Array;
}

/**
 * Loads ONNX Runtime in a web worker, on one thread: the extension host's page is not cross-origin isolated, and more threads hang
 * there.
 * @throws ComputeError when the host cannot run it (no SIMD, no memory).
 */
export function webOrtLoader(files: OrtFiles): OrtLoader {
  return async () => {
    // The glue awaits at its top level, so it has to be a module of its own: it cannot be part of the worker's classic script.
    const url = URL.createObjectURL(new Blob([new Uint8Array(files.glue)], { type: "text/javascript" }));
    try {
      const { default: glue } = (await import(url)) as { default: Glue };
      // Without locateFile the glue resolves the file's name against its own URL, which a blob's does not allow.
      const module = await glue({ numThreads: 1, wasmBinary: files.wasm, locateFile: (name) => name });
      return { module, threads: 1, [Symbol.dispose]: () => undefined };
    } catch (error) {
      throw new ComputeError("WebAssembly could not be started in this browser.", String(error));
    } finally {
      URL.revokeObjectURL(url);
    }
  };
}
