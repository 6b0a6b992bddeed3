// The input that offers tags while one types: a combobox with a list below it.
//
// Arrows choose, Enter takes what is chosen and sends the form, Tab only completes, Escape closes.
// The list is what the server answers, so that what is offered and what is meant are of one mind.

import { blank, csrf, say } from "./main.js";

const WAIT = 90;

/** @typedef {{box: HTMLElement, input: HTMLInputElement, list: HTMLUListElement, at: number,
 *   chosen: boolean, shown: string | null, asked: AbortController | null, timer: number}} Box */

let count = 0;

/** @param {HTMLElement} box */
export function start(box) {
  const input = box.querySelector("input[type=text]");
  const list = document.createElement("ul");
  list.className = "tagbox-list";
  list.id = `tagbox-${++count}`;
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Tags");
  input.after(list);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "false");
  /** @type {Box} */
  const own = { box, input, list, at: -1, chosen: false, shown: null, asked: null, timer: 0 };
  input.addEventListener("input", () => later(own));
  input.addEventListener("focus", () => input.value === "" && ask(own));
  input.addEventListener("blur", () => close(own));
  input.addEventListener("keydown", (event) => onKey(own, event));
  // The focus stays where one types, whatever is pressed in the list.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => onPick(own, event));
  // Whoever is quick has typed already.
  if (document.activeElement === input) later(own);
}

function later(own) {
  own.chosen = false;
  setNew(own, false);
  clearTimeout(own.timer);
  own.timer = setTimeout(() => ask(own), WAIT);
}

async function ask(own) {
  clearTimeout(own.timer);
  own.asked?.abort();
  own.asked = new AbortController();
  const text = own.input.value;
  const address = new URL(own.box.dataset.suggest, location.href);
  // Sent as a form is: what is typed is a name, and names are in no address.
  const form = { method: "POST", body: new URLSearchParams({ q: text }), headers: { "X-CSRFToken": csrf() } };
  try {
    const answer = await fetch(address, { ...form, signal: own.asked.signal, cache: "no-store" });
    if (answer.status === 423 || answer.status === 403) return blank();
    if (answer.ok) fill(own, text, await answer.text());
  } catch (error) {
    if (error.name !== "AbortError") close(own);
  }
}

function fill(own, text, html) {
  // What was typed since is asked for already.
  if (document.activeElement !== own.input || own.input.value !== text) return;
  const answer = new DOMParser().parseFromString(html, "text/html");
  own.shown = text;
  const before = own.chosen ? own.list.children[own.at]?.dataset : null;
  own.list.replaceChildren(...answer.querySelectorAll("li"));
  [...own.list.children].forEach((option, at) => (option.id = `${own.list.id}-${at}`));
  if (!own.list.children.length) return close(own);
  open(own);
  // What was typed is taken for the first that fits; a new tag has to be chosen.
  const first = own.list.firstElementChild;
  const same = (one) => (before.new ? one.dataset.new : one.dataset.value === before.value);
  const kept = before ? [...own.list.children].findIndex(same) : -1;
  activate(own, kept < 0 && text.trim() && !first.dataset.new ? 0 : kept);
  const known = own.list.querySelectorAll("li:not([data-new])").length;
  say(known === 1 ? "1 tag" : `${known} tags`);
}

function open(own) {
  own.list.hidden = false;
  own.input.setAttribute("aria-expanded", "true");
  const below = innerHeight - own.input.getBoundingClientRect().bottom;
  own.list.classList.toggle("is-above", below < own.list.offsetHeight + 8
    && own.input.getBoundingClientRect().top > below);
}

function close(own) {
  clearTimeout(own.timer);
  own.asked?.abort();
  own.list.hidden = true;
  own.at = -1;
  own.input.setAttribute("aria-expanded", "false");
  own.input.removeAttribute("aria-activedescendant");
}

function activate(own, at) {
  const options = [...own.list.children];
  options[own.at]?.setAttribute("aria-selected", "false");
  own.at = at;
  const option = options[at];
  if (!option) return own.input.removeAttribute("aria-activedescendant");
  option.setAttribute("aria-selected", "true");
  option.scrollIntoView({ block: "nearest" });
  own.input.setAttribute("aria-activedescendant", option.id);
}

function setNew(own, isNew) {
  const field = own.box.querySelector("input[name=create]");
  if (field) field.checked = isNew;
}

function take(own, option) {
  own.input.value = option.dataset.value;
  setNew(own, Boolean(option.dataset.new));
  close(own);
}

function send(own) {
  // Enter alone would press the first button of the form, whatever that does.
  const button = own.box.querySelector("button") ?? own.input.form?.querySelector("[data-tags]");
  own.input.form?.requestSubmit(button ?? undefined);
}

function onPick(own, event) {
  const option = event.target instanceof Element && event.target.closest("li");
  if (!option) return;
  take(own, option);
  send(own);
}

function onKey(own, event) {
  if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
  const does = { ArrowDown: down, ArrowUp: up, Enter: enter, Tab: complete, Escape: escape };
  if (!Object.hasOwn(does, event.key) || event.shiftKey) return;
  const options = own.list.hidden ? [] : [...own.list.children];
  if (does[event.key](own, options) === false) return;
  event.preventDefault();
  event.stopPropagation();
}

function down(own, options) {
  own.chosen = true;
  if (options.length) activate(own, (own.at + 1) % options.length);
  else ask(own);
}

function up(own, options) {
  own.chosen = true;
  if (options.length) activate(own, (own.at < 1 ? options.length : own.at) - 1);
}

function complete(own, options) {
  const option = options[own.at];
  if (!option || own.input.value === option.dataset.value) return false;
  take(own, option);
}

function escape(own) {
  if (own.list.hidden) return false;
  close(own);
}

async function enter(own) {
  if (!own.input.value.trim() && own.at < 0) return;
  // What is offered may still be for fewer letters than were typed.
  if (own.shown !== own.input.value) await ask(own);
  const option = own.list.hidden ? null : own.list.children[own.at];
  if (option) take(own, option);
  if (own.input.value.trim()) send(own);
}
