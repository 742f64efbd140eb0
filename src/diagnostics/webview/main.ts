import { tabs, type Tab, type TabViews, type ToPage, type ToPanel } from "../protocol";
import { defaultSampling, type Sampling } from "../views";
import { CheckpointsTab } from "./checkpointsTab";
import { EngineTab } from "./engineTab";
import { LayersTab } from "./layersTab";
import { LogitsTab } from "./logitsTab";
import { TabBar } from "./tabBar";
import { TextTab } from "./textTab";

/** What is kept while the panel is hidden, and over a reload of the window. */
interface PageState {
  readonly tab: Tab;
  /** Left out while nobody has touched it. */
  readonly sampling?: Sampling | undefined;
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
};

function keep(change: Partial<PageState>): void {
  state = { ...state, ...change };
  vscode.setState(state);
}

const post = (message: ToPanel) => vscode.postMessage(message);
const sections: { readonly [T in Tab]: { readonly element: HTMLElement; show(view: TabViews[T]): void } } = {
  logits: new LogitsTab({
    sampling: state.sampling ?? defaultSampling,
    post,
    onSampling: (sampling) => {
      keep({ sampling });
      post({ kind: "sample", sampling });
    },
  }),
  text: new TextTab(post),
  layers: new LayersTab(post),
  checkpoints: new CheckpointsTab(post),
  engine: new EngineTab(post),
};

const titles: Readonly<Record<Tab, string>> = {
  logits: "Logits",
  text: "Text",
  layers: "Layers",
  checkpoints: "Checkpoints",
  engine: "Engine",
};

const bar = new TabBar<Tab>(
  tabs.map((id) => ({ id, title: titles[id], content: sections[id].element })),
  (tab) => {
    keep({ tab });
    post({ kind: "show", tab });
  },
);

window.addEventListener("message", ({ data }: MessageEvent<ToPage>) => show(data));

function show<T extends Tab>({ tab, view }: { readonly tab: T; readonly view: TabViews[T] }): void {
  sections[tab].show(view);
}

document.getElementById("app")?.replaceWith(bar.element);
bar.show(state.tab);
if (state.sampling) post({ kind: "sample", sampling: state.sampling });
post({ kind: "show", tab: state.tab });
