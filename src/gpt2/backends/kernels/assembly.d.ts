/** `assembly/index.ts`, compiled by `.config/assemblyScript.mjs` when the bundles are built. */
declare module "*/index.wasm" {
  const bytes: Uint8Array;
  export default bytes;
}

/** The same with relaxed SIMD. */
declare module "*/index.relaxed.wasm" {
  const bytes: Uint8Array;
  export default bytes;
}
