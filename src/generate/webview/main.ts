import { element } from "../../diagnostics/webview/dom";
import type { ToHost, ToPage } from "../protocol";
import { FormSection } from "./formSection";
import { HistorySection } from "./historySection";
import { TextsSection } from "./textsSection";

/** What survives while the panel is hidden, and a reload of the window: which parts are open. */
interface PageState {
  readonly more: boolean;
  readonly history: boolean;
}

declare function acquireVsCodeApi(): {
  postMessage(message: ToHost): void;
  getState(): Partial<PageState> | undefined;
  setState(state: PageState): void;
};

const vscode = acquireVsCodeApi();
const kept = vscode.getState();
let state: PageState = { more: kept?.more === true, history: kept?.history === true };

function keep(change: Partial<PageState>): void {
  state = { ...state, ...change };
  vscode.setState(state);
}

const post = (message: ToHost) => vscode.postMessage(message);
const form = new FormSection(post, state.more, (more) => keep({ more }));
const texts = new TextsSection(post);
const history = new HistorySection(post, state.history, (open) => keep({ history: open }));

window.addEventListener("message", ({ data }: MessageEvent<ToPage>) => {
  if (data.presets) form.presets = data.presets;
  if (data.form) form.form = data.form;
  if (data.model) form.model = data.model;
  if (data.texts) texts.show(data.texts);
  if (data.growth) texts.grow(data.growth);
  if (data.history) history.show(data.history);
  if (data.run) {
    texts.showRun(data.run);
    form.showRun(data.run.running, data.run.problem);
  }
});

window.addEventListener("keydown", (event) => {
  if (event.key === "Escape") post({ kind: "cancel" });
});

const page = element("main", { class: "page" }, form.element, texts.element, history.element);
document.getElementById("app")?.replaceWith(page);
form.focus();
post({ kind: "show" });
