import { tabs, type Tab, type TabViews, type ToPage, type ToPanel } from "../protocol";
import { defaultSampling, type Sampling } from "../views";
import { CheckpointsTab } from "./checkpointsTab";
import { EngineTab } from "./engineTab";
import { LayersTab } from "./layersTab";
import { LogitsTab } from "./logitsTab";
import { ModelsTab } from "./modelsTab";
import { TabBar } from "./tabBar";
import { TextTab } from "./textTab";
import { WhyTab } from "./whyTab";
import { l10n } from "./l10n";

/** What survives while the panel is hidden, and a reload of the window. */
interface PageState {
  readonly tab: Tab;
  /** Undefined until it is changed. */
  readonly sampling?: Sampling | undefined;
  /** The text or id that tokens are searched for. */
  readonly query?: string | undefined;
}

declare function acquireVsCodeApi(): {
  postMessage(message: ToPanel): void;
  getState(): Partial<PageState> | undefined;
  setState(state: PageState): void;
};

const vscode = acquireVsCodeApi();
const kept = vscode.getState();
let state: PageState = {
  tab: tabs.find((known) => known === kept?.tab) ?? tabs[0],
  sampling: kept?.sampling && { ...defaultSampling, ...kept.sampling },
  query: kept?.query,
};

function keep(change: Partial<PageState>): void {
  state = { ...state, ...change };
  vscode.setState(state);
}

const post = (message: ToPanel) => vscode.postMessage(message);
const sections: { readonly [T in Tab]: { readonly element: HTMLElement; show(view: TabViews[T]): void } } = {
  logits: new LogitsTab({
    sampling: state.sampling ?? defaultSampling,
    query: state.query ?? "",
    post,
    onQuery: (query) => {
      keep({ query });
      post({ kind: "find", query });
    },
    onSampling: (sampling) => {
      keep({ sampling });
      post({ kind: "sample", sampling });
    },
  }),
  text: new TextTab(post),
  layers: new LayersTab(post),
  why: new WhyTab(post),
  checkpoints: new CheckpointsTab(post),
  engine: new EngineTab(post),
  models: new ModelsTab(post),
};

const titles: Readonly<Record<Tab, string>> = {
  logits: l10n.t("Logits"),
  text: l10n.t("Text"),
  layers: l10n.t("Layers"),
  why: l10n.t("Why"),
  checkpoints: l10n.t("Checkpoints"),
  engine: l10n.t("Engine"),
  models: l10n.t("Models"),
};

const bar = new TabBar<Tab>(
  tabs.map((id) => ({ id, title: titles[id], content: sections[id].element })),
  turnedTo,
);

window.addEventListener("message", ({ data }: MessageEvent<ToPage>) => {
  if (!("turnTo" in data)) {
    show(data);
    return;
  }
  bar.show(data.turnTo);
  turnedTo(data.turnTo);
});

function turnedTo(tab: Tab): void {
  keep({ tab });
  post({ kind: "show", tab });
}

function show<T extends Tab>({ tab, view }: { readonly tab: T; readonly view: TabViews[T] }): void {
  sections[tab].show(view);
}

document.getElementById("app")?.replaceWith(bar.element);
bar.show(state.tab);
if (state.sampling) post({ kind: "sample", sampling: state.sampling });
if (state.query) post({ kind: "find", query: state.query });
post({ kind: "show", tab: state.tab });
