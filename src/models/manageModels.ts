import * as vscode from "vscode";
import { precisionSetting } from "./wordSettings";
import { deleteAfterQuestion, type ManageModelsDependencies, openFolder, perform, showError } from "./modelActions";
import { deleteButton, folderButton, type ModelAction, type ModelItem, modelItems, pageButton } from "./modelItems";

/** The command GPT-2: Manage Models: the models on this machine and those of the catalog, to choose, download and delete. */
export async function manageModels(dependencies: ManageModelsDependencies): Promise<void> {
  const action = await pickModel(dependencies);
  if (action) await perform(action, dependencies);
}

/** Shows the quick pick until an item is chosen or it is closed; its buttons act without closing it. */
async function pickModel({ library, hub }: ManageModelsDependencies): Promise<ModelAction | undefined> {
  const pick = vscode.window.createQuickPick<ModelItem>();
  pick.title = vscode.l10n.t("GPT-2: Manage Models");
  pick.placeholder = vscode.l10n.t("Choose a model to use or to download");
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  // A question about a model keeps the list open.
  pick.ignoreFocusOut = true;
  const refresh = async () => {
    pick.items = modelItems({
      installed: await hub.installed(),
      settingOf: (model) => hub.settingOf(model),
      active: library.setting,
      precision: precisionSetting(),
    });
  };
  const changed = library.onDidChange(() => void refresh().catch(showError));
  try {
    pick.busy = true;
    pick.show();
    await refresh();
    pick.busy = false;
    return await new Promise<ModelAction | undefined>((resolve) => {
      pick.onDidAccept(() => resolve(pick.activeItems[0]?.action));
      pick.onDidHide(() => resolve(undefined));
      pick.onDidTriggerItemButton(({ button, item }) => {
        onButton(button, item, { library, hub }).then(refresh).catch(showError);
      });
    });
  } finally {
    changed.dispose();
    pick.dispose();
  }
}

async function onButton(
  button: vscode.QuickInputButton,
  { installed, repository }: ModelItem,
  { library, hub }: Pick<ManageModelsDependencies, "library" | "hub">,
): Promise<void> {
  if (button === pageButton && repository !== undefined) await vscode.env.openExternal(hub.pageOf(repository));
  if (button === folderButton && installed) await openFolder(hub.folderOf(installed));
  if (button === deleteButton && installed) await deleteAfterQuestion(installed, { library, hub });
}
