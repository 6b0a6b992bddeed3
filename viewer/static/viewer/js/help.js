// The dialog that lists the keys of the page it is opened on.

import { keyFor, spoken } from "./keys.js";

const NAMES = {
  ArrowLeft: "\u2190", ArrowRight: "\u2192", ArrowUp: "\u2191", ArrowDown: "\u2193",
  Escape: "Esc", PageUp: "Page up", PageDown: "Page down", Space: "Space bar",
};

/** A key as people read it: letters as they stand on the keyboard. */
export function keyWords(key) {
  const shift = key.startsWith("Shift+");
  const bare = shift ? key.slice(6) : key;
  const name = NAMES[bare] || (bare.length === 1 ? bare.toUpperCase() : bare);
  return shift ? `Shift + ${name}` : name;
}

/** The text of a control, without the names of keys in it. */
function plainText(control) {
  const copy = control.cloneNode(true);
  copy.querySelectorAll("kbd").forEach((key) => key.remove());
  return copy.textContent;
}

function said(control) {
  const words = control.dataset.help || control.getAttribute("aria-label") || plainText(control).trim()
    || control.labels?.[0]?.textContent || control.getAttribute("title") || "";
  return words.replace(/\s+/g, " ").trim();
}

/** What can be pressed in a layer: rows of keys and words, each action once. */
export function rowsOf(layer) {
  const rows = new Map();
  const add = (action, words) => {
    const key = keyFor(action);
    if (!key || !words) return;
    const keys = rows.get(words) || new Set();
    rows.set(words, keys.add(key));
  };
  for (const control of layer.querySelectorAll("[data-key]")) {
    if (control.disabled) continue;
    for (const action of control.dataset.key.split(" ")) add(action, said(control));
  }
  for (const [action, words] of spoken(layer)) add(action, words);
  add("?", "This help");
  return [...rows].map(([words, keys]) => ({ words, keys: [...keys] }));
}

function row({ words, keys }) {
  const line = document.createElement("tr");
  const pressed = document.createElement("td");
  keys.forEach((key, at) => {
    if (at) pressed.append(" ");
    const cap = document.createElement("kbd");
    cap.textContent = keyWords(key);
    pressed.append(cap);
  });
  const meaning = document.createElement("td");
  meaning.textContent = words;
  line.append(pressed, meaning);
  return line;
}

function build(layer) {
  const dialog = document.createElement("dialog");
  dialog.className = "sheet keys-help";
  dialog.setAttribute("aria-labelledby", "keys-help-title");
  const title = document.createElement("h2");
  title.id = "keys-help-title";
  title.textContent = "Keys of this page";
  const table = document.createElement("table");
  table.className = "table";
  table.append(...rowsOf(layer).map(row));
  const note = document.createElement("p");
  note.className = "muted";
  note.textContent = "Everything here is a button or link on the page as well.";
  const close = document.createElement("button");
  close.type = "button";
  close.className = "button";
  close.textContent = "Close";
  close.addEventListener("click", () => dialog.close());
  dialog.append(title, table, note, close);
  return dialog;
}

/** Shows the keys of a layer; focus goes back to where it was. */
export function showHelp(layer) {
  const dialog = build(layer);
  dialog.addEventListener("close", () => dialog.remove());
  layer.append(dialog);
  dialog.showModal();
  dialog.scrollTop = 0; // the button that has the focus is its last line
}
