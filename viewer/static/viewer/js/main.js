// What every page does: starts the modules it names, opens dialogs, says results aloud, and watches
// whether the archive is still open.

import { topLayer } from "./keys.js";

const root = document.documentElement;
const POLL = 20_000;
const WARN = 60;
const LAST = 2; // seconds before it locks in which it is asked once more
/** @type {WeakMap<Element, Set<string>>} */
const started = new WeakMap();
let lastTouched = 0;

/** The secret that every form of this run carries. */
export function csrf() {
  return document.querySelector('meta[name="csrf"]')?.content ?? "";
}

/**
 * Says something in the page's one live region, without moving the focus.
 * @param {string} text
 */
export function say(text) {
  const live = document.getElementById("live");
  if (!live) return;
  live.textContent = "";
  // The same words twice are news twice only if the region was empty in between.
  requestAnimationFrame(() => (live.textContent = text));
}

/**
 * Shows a message under the header, as the server's own are shown.
 * @param {string} text
 * @param {"success" | "error"} level
 */
export function show(text, level = "success") {
  const box = document.getElementById("messages");
  if (!box) return;
  const line = document.createElement("p");
  line.className = `message ${level}`;
  if (level === "error") line.setAttribute("role", "alert");
  line.textContent = text;
  box.replaceChildren(line);
  if (level !== "error") say(text);
}

// Modules

/**
 * Starts the modules that elements name, once an element.
 * @param {Element} within
 */
export function startModules(within) {
  const named = [...within.querySelectorAll("[data-module]")];
  if (within.matches("[data-module]")) named.unshift(within);
  for (const element of named) {
    for (const name of element.dataset.module.split(/\s+/)) startOnce(element, name);
  }
}

async function startOnce(element, name) {
  const done = started.get(element) ?? new Set();
  if (done.has(name) || !/^[a-z0-9-]+$/.test(name)) return;
  started.set(element, done.add(name));
  const module = await import(`./${name}.js`);
  if (element.isConnected) module.start(element);
}

/** What only who goes into a field needs is started then: `data-later`, like `data-module`. */
function onEnter(event) {
  const element = event.target instanceof Element ? event.target.closest("[data-later]") : null;
  if (element) startOnce(element, element.dataset.later);
}

// Forms

/** Whether a click is a plain one: no other tab, window or download is wanted. */
export function isPlain(event) {
  return event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
}

/** A choice that sends its form at once. */
function onChange(event) {
  if (event.target.matches("select[data-sends]")) event.target.form.requestSubmit();
}

/** A button that can be pressed once. */
function onSubmit(event) {
  const button = event.submitter;
  const next = event.target.closest("body > header") && event.target.elements.namedItem("next");
  // The address may have followed since: where one is now is where one wants to come back to.
  if (next) next.value = location.pathname + location.search;
  // Not at once: a button that is disabled is not sent.
  if (button?.matches("[data-once]")) setTimeout(() => (button.disabled = true));
}

// Dialogs and messages

function onClick(event) {
  const from = event.target instanceof Element ? event.target : null;
  const opener = from?.closest("[data-opens]");
  const dialog = opener && document.getElementById(opener.dataset.opens);
  if (dialog instanceof HTMLDialogElement) {
    event.preventDefault();
    if (!dialog.open) dialog.showModal();
    return;
  }
  const closer = from?.closest("[data-closes]");
  if (closer) {
    event.preventDefault();
    closer.closest("dialog")?.close();
  }
  if (from?.closest("[data-help]")) help(event);
  if (from?.closest("[data-prolongs]")) prolong();
  from?.closest("[data-dismiss]")?.closest(".message")?.remove();
  closeMenus(from);
}

async function help(event) {
  event.preventDefault();
  const { showHelp } = await import("./help.js");
  showHelp(topLayer());
}

function closeMenus(from) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!from || !menu.contains(from)) menu.open = false;
  }
}

function onEscape(event) {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
  event.stopPropagation();
}

// htmx

function onConfigured(event) {
  if (event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = csrf();
}

function onRefused(event) {
  const { xhr } = event.detail;
  if (xhr.status === 423 || xhr.status === 403) return blank();
  const answer = new DOMParser().parseFromString(xhr.responseText, "text/html");
  const words = answer.querySelector(".message.error, [role=alert]")?.textContent.trim();
  show(words || "That did not work.", "error");
}

function onSettled(event) {
  if (event.target instanceof Element) startModules(event.target);
  if (event.detail?.elt instanceof Element) startModules(event.detail.elt);
}

function onSwappedAside(event) {
  const target = event.detail?.target;
  if (!(target instanceof Element)) return;
  startModules(target);
  if (target.id === "messages") say(target.textContent.trim());
}

// Is the archive still open?

/** Empties the page at once and asks the server what to show instead. */
export function blank() {
  document.title = "fapfav";
  document.body.replaceChildren();
  location.reload();
}

async function pulse() {
  const address = root.dataset.pulse;
  if (!address) return;
  // Whoever looks at pictures without asking for a page is there all the same.
  if (Date.now() - lastTouched < POLL && !document.hidden) await stay();
  try {
    const answer = await fetch(address, { headers: { "X-Background": "1" }, cache: "no-store" });
    if (answer.status === 423) return blank();
    warn(Number(answer.headers.get("X-Locks-In") ?? NaN));
  } catch {
    // The viewer was stopped, or is busy: what is on the screen stays until it says otherwise.
  }
}

/** Tells the server that somebody is there. */
async function stay() {
  const address = root.dataset.stay;
  if (address) await fetch(address, { method: "HEAD", cache: "no-store" }).catch(() => null);
}

let locking = 0;
const bar = document.getElementById("locks-soon");

function warn(seconds) {
  if (!bar) return;
  clearTimeout(locking);
  // Asked again shortly before, for whoever is there, and as soon as the time is over: a locked
  // page must not stay for another round.
  const wait = seconds > 2 * LAST ? seconds - LAST : seconds + 0.5;
  if (seconds < POLL / 1000) locking = setTimeout(pulse, wait * 1000);
  const soon = seconds <= WARN;
  if (soon) topLayer().append(bar); // below a picture in full screen nobody would see it
  if (bar.hidden && soon) say(bar.querySelector("span").textContent);
  bar.hidden = !soon;
}

/** Somebody is there. Once it was warned, any key or touch prolongs it. */
function touched({ type, target }) {
  lastTouched = Date.now();
  if (!bar || bar.hidden || type === "pointermove") return;
  // A press on its own button: it must not go away beneath the pointer.
  if (type !== "pointerdown" || !bar.contains(target)) prolong();
}

async function prolong() {
  bar.hidden = true;
  await stay();
  await pulse();
}

/** Back and forward between a page and a picture over it, also after one of them was loaded anew. */
async function onWay({ state }) {
  const isPicture = Boolean(document.querySelector("main section.picture"));
  if (state?.under && isPicture) return location.reload(); // the page that was below is not here
  if (!state?.full || isPicture) return;
  const { openAgain } = await import("./picture.js");
  openAgain();
}

// Beginning

sessionStorage.removeItem("htmx-current-path-for-history"); // nothing stays in the browser
root.addEventListener("click", onClick);
document.addEventListener("keydown", onEscape);
document.addEventListener("focusin", onEnter);
document.addEventListener("change", onChange);
document.addEventListener("submit", onSubmit);
for (const name of ["pointermove", "pointerdown", "keydown", "wheel"]) {
  addEventListener(name, touched, { passive: true, capture: true });
}
document.body.addEventListener("htmx:configRequest", onConfigured);
document.body.addEventListener("htmx:responseError", onRefused);
document.body.addEventListener("htmx:sendError", () =>
  show("The viewer does not answer. Is it still running in the shell?", "error"),
);
document.body.addEventListener("htmx:load", onSettled);
document.body.addEventListener("htmx:oobAfterSwap", onSwappedAside);
addEventListener("pageshow", (event) => {
  // A page kept in memory may be of an archive that was locked since.
  if (event.persisted) blank();
});
addEventListener("popstate", onWay);
setInterval(pulse, POLL);
const [arrival] = performance.getEntriesByType("navigation");
// Back and forward show a page as it was. What was decided, selected and said since is not on it.
if (arrival?.type === "back_forward" && arrival.transferSize === 0) blank();
startModules(document.body);
