import type { ModelDescription } from "./protocol";

/** What the client of the engine knows of it. */
export type EngineState =
  | { readonly kind: "idle" }
  /** `share`: how much of the model's weights has been read, 0 to 1. */
  | { readonly kind: "loading"; readonly share?: number }
  | { readonly kind: "ready"; readonly model: ModelDescription }
  | { readonly kind: "failed"; readonly error: Error };
