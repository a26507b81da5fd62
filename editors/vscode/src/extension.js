// The extension starts the language server and runs commands of segql in a
// terminal. What it says of definitions, the server knows.
"use strict";

const vscode = require("vscode");
const { LanguageClient, State, TransportKind } = require("vscode-languageclient/node");
const { commandLine, serverArguments } = require("./commands");

let client;

const settings = () => vscode.workspace.getConfiguration("segql");

function newClient() {
  const run = {
    command: settings().get("path") || "segql",
    args: serverArguments({ data: settings().get("data"), sizes: settings().get("sizes") }),
    transport: TransportKind.stdio,
  };
  return new LanguageClient("segql", "segql", { run, debug: run }, {
    documentSelector: [
      { language: "segql" },
      { scheme: "file", pattern: "**/catalog.yaml" },
      { scheme: "file", pattern: "**/*.seg.yaml" },
    ],
  });
}

async function start() {
  client = newClient();
  try {
    await client.start();
  } catch (problem) {
    const choice = await vscode.window.showErrorMessage(
      `segql could not be started: ${problem.message ?? problem}. Install segql, or say where it is in the setting segql.path.`,
      "Open Settings",
    );
    if (choice) {
      await vscode.commands.executeCommand("workbench.action.openSettings", "segql.path");
    }
  }
}

async function stop() {
  const old = client;
  client = undefined;
  if (old?.state === State.Running) {
    await old.stop();
  }
}

// projectOf finds the folder of the nearest catalog above the active file.
async function projectOf(uri) {
  for (let dir = uri; dir.path !== "/"; ) {
    const up = vscode.Uri.joinPath(dir, "..");
    if (up.path === dir.path) {
      return undefined;
    }
    dir = up;
    try {
      await vscode.workspace.fs.stat(vscode.Uri.joinPath(dir, "catalog.yaml"));
      return dir.fsPath;
    } catch {
      // not here
    }
  }
  return undefined;
}

// target is what a lens says, or what somebody who calls the command by hand
// is asked for.
async function target(lens, prompt) {
  if (lens) {
    return lens;
  }
  const active = vscode.window.activeTextEditor?.document.uri;
  const project = active && (await projectOf(active));
  if (!project) {
    vscode.window.showWarningMessage("Open a file of a segql project first: there is no catalog.yaml above this one.");
    return undefined;
  }
  if (!prompt) {
    return { project };
  }
  const name = await vscode.window.showInputBox({ prompt });
  return name && { project, name };
}

function inTerminal(project, args) {
  const name = "segql";
  const found = vscode.window.terminals.find((t) => t.name === name && t.exitStatus === undefined && t.creationOptions.cwd === project);
  const terminal = found ?? vscode.window.createTerminal({ name, cwd: project });
  terminal.show(true);
  terminal.sendText(commandLine(settings().get("path") || "segql", args, vscode.env.shell));
}

async function members(lens) {
  const t = await target(lens, "Which segment?");
  if (t) {
    inTerminal(t.project, ["members", t.name]);
  }
}

async function test(lens) {
  const t = await target(lens);
  if (t) {
    inTerminal(t.project, t.file?.endsWith("_test.seg.yaml") ? ["test", "--run", `^${escapeRegExp(t.name)}$`] : ["test"]);
  }
}

const escapeRegExp = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

async function why(lens) {
  const t = await target(lens, "Which segment?");
  const customer = t && (await vscode.window.showInputBox({ prompt: `Whose membership of ${t.name}? Give the key of a row` }));
  if (customer) {
    inTerminal(t.project, ["why", t.name, customer]);
  }
}

async function run(lens) {
  const t = await target(lens);
  if (t) {
    inTerminal(t.project, ["run"]);
  }
}

async function activate(context) {
  const commands = { members, test, why, run, restart: async () => { await stop(); await start(); } };
  for (const [name, command] of Object.entries(commands)) {
    context.subscriptions.push(vscode.commands.registerCommand(`segql.${name}`, command));
  }
  context.subscriptions.push(vscode.workspace.onDidChangeConfiguration(async (e) => {
    if (["segql.path", "segql.data", "segql.sizes"].some((key) => e.affectsConfiguration(key))) {
      await stop();
      await start();
    }
  }));
  await start();
}

module.exports = { activate, deactivate: stop };
