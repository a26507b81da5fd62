// What does not need the editor, so that tests can look at it.
"use strict";

// serverArguments are those of `segql lsp`.
function serverArguments({ data = true, sizes = true }) {
  const args = ["lsp"];
  if (!data) {
    args.push("--no-data");
  }
  if (!sizes) {
    args.push("--no-sizes");
  }
  return args;
}

// quote writes a word for a shell: PowerShell and cmd on Windows, else a POSIX
// one. Words come from definitions, and must stay words.
function quote(word, shell) {
  if (/^[A-Za-z0-9_./:\\-]+$/.test(word) && !(isPosix(shell) && word.includes("\\"))) {
    return word;
  }
  if (isPowerShell(shell)) {
    return `'${word.replaceAll("'", "''")}'`;
  }
  if (isCmd(shell)) {
    return `"${word.replaceAll('"', '""').replaceAll("%", "%%")}"`;
  }
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

const isPowerShell = (shell) => /(?:pwsh|powershell)(?:\.exe)?$/i.test(shell);
const isCmd = (shell) => /cmd(?:\.exe)?$/i.test(shell);
const isPosix = (shell) => !isPowerShell(shell) && !isCmd(shell);

// commandLine is a command for a terminal. Line breaks would end it.
function commandLine(program, args, shell) {
  const words = [program, ...args].map((w) => quote(w.replace(/[\r\n]+/g, " "), shell));
  const call = isPowerShell(shell) && words[0].startsWith("'") ? "& " : "";
  return call + words.join(" ");
}

module.exports = { commandLine, quote, serverArguments };
