import type { ModelsCommand, ModelsView } from "../models/modelsView";
import type { EngineView } from "./engineViews";
import type {
  CheckpointsView,
  LayersView,
  LogitsView,
  EmptyView,
  Sampling,
  TextView,
  PickAction,
  WhyView,
} from "./views";

/** The sections of the panel, in their order, and what each can be told to show. */
export interface TabViews {
  readonly logits: LogitsView | EmptyView;
  readonly text: TextView | EmptyView;
  readonly layers: LayersView | EmptyView;
  readonly why: WhyView;
  readonly checkpoints: CheckpointsView;
  readonly engine: EngineView;
  readonly models: ModelsView;
}
export type Tab = keyof TabViews;
export const tabs = [
  "logits",
  "text",
  "layers",
  "why",
  "checkpoints",
  "engine",
  "models",
] as const satisfies readonly Tab[];

/** From the host to the page: what a tab shows. */
export type TabContent = { [T in Tab]: { readonly tab: T; readonly view: TabViews[T] } }[Tab];

/** From the host to the page: what a tab shows, or the tab to turn to. */
export type ToPage = TabContent | { readonly turnTo: Tab };

/** The commands that the page's buttons may run. */
export const pageCommands = {
  selectModel: "gpt2.selectModel",
  restartEngine: "gpt2.restartEngine",
  showLog: "gpt2.showLog",
} as const;
export type PageCommand = keyof typeof pageCommands;

/** What can be done with the report of a run of the checkpoints. */
export type ReportAction = "copyJson" | "copyMarkdown" | "save";

/** From the page to the host. */
export type ToPanel =
  /** The page is loaded, or the person chose another tab: send what it shows. */
  | { readonly kind: "show"; readonly tab: Tab }
  | { readonly kind: "run"; readonly command: PageCommand }
  | { readonly kind: "sample"; readonly sampling: Sampling }
  /** Look for tokens with this text or id; empty: for none. */
  | { readonly kind: "find"; readonly query: string }
  | { readonly kind: "pick"; readonly text: string; readonly use: PickAction }
  /** A token of the prompt was chosen, by its index. */
  | { readonly kind: "choose"; readonly position: number }
  /** Open a file at a line, counted from 1. */
  | { readonly kind: "open"; readonly uri: string; readonly line: number }
  | { readonly kind: "attend"; readonly layer: number; readonly head: number }
  /** `adapter`: the LoRA adapter to check the model with. */
  | { readonly kind: "checkpoints"; readonly action: "run"; readonly adapter?: string }
  | { readonly kind: "checkpoints"; readonly action: "cancel" }
  | { readonly kind: "comparison"; readonly action: "run" | "cancel" }
  | { readonly kind: "measureBackends" }
  | { readonly kind: "report"; readonly action: ReportAction }
  | { readonly kind: "model"; readonly command: ModelsCommand };
