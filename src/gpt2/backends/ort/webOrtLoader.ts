import { ComputeError } from "../../errors";
import type { OrtLoader, OrtModule } from "./ortModule";

type Glue = (options: {
  numThreads: number;
  wasmBinary: Uint8Array;
  locateFile: (name: string) => string;
}) => Promise<OrtModule>;

/**
 * Loads ONNX Runtime in a web worker, on one thread: the extension host's page is not cross-origin isolated, and more threads hang
 * there. Its files are read when it is first needed, and kept.
 * @param read reads one of its files, `ort-wasm-simd-threaded.mjs` or `.wasm`, where they cannot be opened by path
 * @throws ComputeError when the host cannot run it (no SIMD, no memory), or when the files cannot be read.
 */
export function webOrtLoader(read: (file: string) => Promise<Uint8Array>): OrtLoader {
  let files: Promise<readonly [Uint8Array, Uint8Array]> | undefined;
  const readFiles = () =>
    Promise.all([read("ort-wasm-simd-threaded.mjs"), read("ort-wasm-simd-threaded.wasm")] as const).catch(
      (error: unknown) => {
        // The next model tries again.
        files = undefined;
        throw new ComputeError("ONNX Runtime's files could not be read.", String(error));
      },
    );
  return async () => {
    const [glueCode, wasmBinary] = await (files ??= readFiles());
    // The glue awaits at its top level, so it has to be a module of its own: it cannot be part of the worker's classic script.
    const url = URL.createObjectURL(new Blob([new Uint8Array(glueCode)], { type: "text/javascript" }));
    try {
      const { default: glue } = (await import(url)) as { default: Glue };
      // Without locateFile the glue resolves the file's name against its own URL, which a blob's does not allow.
      const module = await glue({ numThreads: 1, wasmBinary, locateFile: (name) => name });
      return { module, threads: 1, [Symbol.dispose]: () => undefined };
    } catch (error) {
      throw new ComputeError("WebAssembly could not be started in this browser.", String(error));
    } finally {
      URL.revokeObjectURL(url);
    }
  };
}
