import { serverFetch } from "#server-fetch";
import * as vscode from "vscode";
import type { FallbackBackend } from "../../backend/fallback/fallbackBackend";
import { ServerError } from "../../backend/server/errors";
import { ServerBackend } from "../../backend/server/serverBackend";
import { isUnencrypted, type ServerSettings } from "../../backend/server/settings";
import { ServerKeys } from "./keys";
import { type KeylessSettings, readServerSettings } from "./settings";

const section = "gpt2.server";
/** Milliseconds for which a message stays in the status bar. */
const messageMs = 15_000;

export interface ServerDependencies {
  readonly backend: FallbackBackend;
  readonly secrets: vscode.SecretStorage;
  /** Remembers for which hosts it was said what is sent. */
  readonly memory: vscode.Memento;
  readonly log: vscode.LogOutputChannel;
  /** Called when completions come from somewhere else than before. */
  readonly onDidChange: () => void;
}

/** Uses the server that the settings name, and registers the command GPT-2: Set Server Key. */
export function registerServer(dependencies: ServerDependencies): vscode.Disposable {
  const { backend, secrets, log, onDidChange } = dependencies;
  const keys = new ServerKeys(secrets);
  let changes = 0;
  const use = async () => {
    const change = ++changes;
    const settings = readOrReport(log);
    const key = settings && (await keys.get(settings.url));
    // The settings may have changed meanwhile.
    if (change !== changes) return;
    backend.useServer(settings && serverChoice({ ...settings, key }, dependencies));
    onDidChange();
  };
  void use();
  return vscode.Disposable.from(
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(section)) void use();
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => void use()),
    keys.onDidChange(() => void use()),
    vscode.commands.registerCommand("gpt2.setServerKey", () => setKey(keys, log)),
  );
}

function serverChoice(settings: ServerSettings, { memory, log }: ServerDependencies) {
  const { url, timeoutMs } = settings;
  log.info(`Completions come from the server at ${url.host}.`);
  const backend = new ServerBackend({
    settings,
    fetch: serverFetch(() => vscode.workspace.getConfiguration().get("http.proxyStrictSSL", true)),
    onSend: () => sayWhatIsSent(url, memory),
    log,
  });
  return { backend, timeoutMs };
}

/** Says a problem once, without a pop-up: it stays in the status bar item's tooltip, and in the log. */
export function sayProblem(problem: Error): void {
  const message = vscode.l10n.t("GPT-2: {0} The local model completes meanwhile.", problem.message);
  vscode.window.setStatusBarMessage(`$(warning) ${message}`, messageMs);
}

function readOrReport(log: vscode.LogOutputChannel): KeylessSettings | undefined {
  try {
    return readServerSettings(vscode.workspace.getConfiguration(section));
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    log.error(error.message);
    void vscode.window.showWarningMessage(vscode.l10n.t("GPT-2 uses no server. {0}", error.message));
    return undefined;
  }
}

/** Once for each server, when text is first sent to it. */
function sayWhatIsSent(url: URL, memory: vscode.Memento): void {
  const name = `gpt2.server.noticed ${url.origin}`;
  if (memory.get<boolean>(name) === true) return;
  void memory.update(name, true);
  void showNotice(url);
}

async function showNotice(url: URL): Promise<void> {
  const { l10n } = vscode;
  const openSettings = l10n.t("Open Settings");
  const message = l10n.t(
    "GPT-2 sends code to {0}: the text around the cursor, lines of the workspace that may follow it, and where the server takes them, parts of other open documents. Files that look like secrets are never sent.",
    url.host,
  );
  const warning = isUnencrypted(url) ? ` ${l10n.t("The connection is not encrypted.")}` : "";
  const chosen = await vscode.window.showInformationMessage(message + warning, l10n.t("OK"), openSettings);
  if (chosen === openSettings) await vscode.commands.executeCommand("workbench.action.openSettings", `${section}.`);
}

async function setKey(keys: ServerKeys, log: vscode.LogOutputChannel): Promise<void> {
  const { l10n } = vscode;
  const settings = readOrReport(log);
  if (settings) {
    await keys.ask(settings.url);
    return;
  }
  const openSetting = l10n.t("Open Setting");
  const chosen = await vscode.window.showInformationMessage(
    l10n.t("Set the server’s address first: a key is kept for one server."),
    openSetting,
  );
  if (chosen === openSetting) await vscode.commands.executeCommand("workbench.action.openSettings", `${section}.url`);
}
