/** ONNX Runtime's emscripten glue comes without types; `ortModule.ts` describes what it makes. */
declare module "onnxruntime-web/ort-wasm-simd-threaded.mjs" {
  const glue: unknown;
  export default glue;
}
