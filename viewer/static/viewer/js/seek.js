// The search box of every page: shows what is found while one types.

import { blank, csrf, say } from "./main.js";

const WAIT = 200;

/** @typedef {{form: HTMLFormElement, input: HTMLInputElement, box: HTMLElement, timer: number,
 *   shown: string, asked: AbortController | null}} Seek */

/** @param {HTMLFormElement} form */
export function start(form) {
  const input = form.querySelector("input[type=search]");
  /** @type {Seek} */
  const seek = { form, input, box: form.querySelector(".found"), timer: 0, shown: "", asked: null };
  input.addEventListener("input", () => later(seek));
  form.addEventListener("keydown", (event) => onKey(seek, event));
  form.addEventListener("focusout", (event) => {
    if (!form.contains(event.relatedTarget)) close(seek);
  });
  if (input.value) later(seek); // whoever is quick has typed already
}

function later(seek) {
  clearTimeout(seek.timer);
  seek.timer = setTimeout(() => ask(seek), WAIT);
}

async function ask(seek) {
  const text = seek.input.value;
  seek.asked?.abort();
  if (text === seek.shown) return;
  seek.asked = new AbortController();
  // Sent as a form is: what is typed is a name, and names are in no address.
  const body = new URLSearchParams({ q: text });
  const headers = { "X-CSRFToken": csrf(), "X-Part": "found" };
  const how = { method: "POST", body, headers, cache: "no-store", signal: seek.asked.signal };
  const answer = await fetch(seek.form.action, how).catch(() => null);
  if (!answer) return; // the next letter asked meanwhile, or Enter says what is wrong
  if (answer.status === 423 || answer.status === 403) return blank();
  if (answer.ok) fill(seek, text, await answer.text().catch(() => ""));
}

function fill(seek, text, html) {
  if (!seek.form.contains(document.activeElement)) return;
  const parsed = new DOMParser().parseFromString(html, "text/html");
  const hits = parsed.querySelector(".hits");
  seek.shown = text;
  seek.box.replaceChildren(...(hits ? [document.adoptNode(hits)] : []));
  if (hits) say(hits.dataset.say);
}

function close(seek) {
  clearTimeout(seek.timer);
  seek.asked?.abort();
  seek.shown = "";
  seek.box.replaceChildren();
}

function onKey(seek, event) {
  if (!seek.box.firstElementChild) return;
  if (event.key === "Escape") {
    close(seek);
    seek.input.focus();
    return;
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const places = [seek.input, ...seek.box.querySelectorAll("a")];
  const at = places.indexOf(document.activeElement) + step;
  places[Math.min(Math.max(at, 0), places.length - 1)].focus();
}
