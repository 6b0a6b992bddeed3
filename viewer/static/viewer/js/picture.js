// Full screen: the page of a picture over the page one is on, and from there to the next.
//
// Started on a picture's page it takes that very part of it into the dialog; started on anything
// else it opens every link below it that leads to a picture. The address follows, so that going
// back closes it, and what is reloaded or bookmarked is the picture's own page.

import { onKeys } from "./keys.js";
import { say, show, startModules } from "./main.js";
import { ask, drop, forget, keep, lookAhead, sectionOf } from "./picture-pages.js";
import { still } from "./picture-play.js";
import { PictureStage } from "./picture-stage.js";

const LINKS = 'a[href*="/viewer/picture/"]';
const HOLD = 300;
const SILENT = "The viewer does not answer. Is it still running in the shell?";

/** @typedef {{dialog: HTMLDialogElement, holder: HTMLElement, section: HTMLElement,
 *   stage: PictureStage, opener: Element | null, home: HTMLElement | null, address: string,
 *   title: string, pushed: boolean, changed: boolean, facts: boolean, busy: boolean}} Full */

/** @type {Full | null} */
let full = null;
/** @type {AbortController | null} */
let opening = null;

/** @param {HTMLElement} element */
export function start(element) {
  if (element.closest("dialog.full")) return;
  element.addEventListener("click", (event) => onOpen(element, event));
  if (!element.matches("section.picture")) return;
  still(element);
  element.addEventListener("submit", (event) => onTagged(element, event));
  onKeys(element, { "Shift+t": () => untag(element) }, { "Shift+t": "Remove a tag" });
}

/** On its own page as well the picture stays where it is, and has the focus once it is tagged. */
async function onTagged(element, event) {
  const form = event.target;
  if (event.defaultPrevented || !form.closest(".picture-tags")) return;
  event.preventDefault();
  const body = new URLSearchParams(new FormData(form, event.submitter));
  keep(element);
  const { section, words } = await ask(form.action, { method: "POST", body }).catch(() => ({}));
  if (!section) return show(words || SILENT, "error");
  const messages = section.querySelector(".messages");
  document.getElementById("messages")?.replaceChildren(...messages.childNodes);
  messages.remove();
  say(document.getElementById("messages")?.textContent.trim() ?? "");
  element.replaceWith(section);
  startModules(section);
  section.querySelector(".picture-link")?.focus();
}

function onOpen(element, event) {
  if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const own = element.matches("section.picture");
  const link = event.target.closest(own ? ".picture-link, .picture-open" : LINKS);
  if (!link || link.target) return;
  event.preventDefault();
  if (own) openHere(element);
  else openLink(link);
}

/** Pages with grids need the sheet of full screen only once it is opened. */
function styled() {
  const { href } = new URL("../picture.css", import.meta.url);
  if ([...document.styleSheets].some((sheet) => sheet.href === href)) return null;
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = href;
  document.head.append(link);
  return new Promise((done) => (link.onload = link.onerror = done));
}

/**
 * Opens the page of a picture over this one, and begins with something at once.
 * @param {HTMLAnchorElement} link
 * @param {"" | "tag" | "untag" | "facts"} then
 */
export async function openLink(link, then = "") {
  const section = await sectionFor(link.href);
  if (section === undefined) return;
  if (!section) return location.assign(link.href);
  // An entry that names its page, so that coming back is no reason to load it again.
  history.replaceState({ under: true }, "");
  history.pushState({ full: true }, "", section.dataset.address);
  open(section, { opener: link, home: null, pushed: true });
  THEN[then]?.();
}

/** What to open, or nothing while another is opened (two clicks, or a click and Enter, are one) or
 * if Escape came before it. */
async function sectionFor(address) {
  if (full || opening) return undefined;
  const own = new AbortController();
  opening = own;
  addEventListener("keydown", cancelled, { capture: true, signal: own.signal });
  try {
    const [section] = await Promise.all([sectionOf(address), styled()]);
    return own.signal.aborted ? undefined : section;
  } finally {
    ended(own);
  }
}

function cancelled(event) {
  if (event.key !== "Escape") return;
  event.preventDefault();
  event.stopPropagation();
  ended(opening);
}

function ended(one) {
  one.abort();
  if (opening === one) opening = null;
}

/** Whoever went back, which closes it, and then forward sees the picture of that address again. */
export async function openAgain() {
  const section = await sectionFor(location.href);
  if (section === null) location.reload();
  else if (section && history.state?.full) open(section, { opener: null, home: null, pushed: true });
}

const THEN = { tag, untag: () => untag(full.section), facts: () => showFacts(true) };

function openHere(section) {
  const home = document.createElement("div");
  section.replaceWith(home);
  keep(section);
  open(section, { opener: null, home, pushed: false });
}

function open(section, how) {
  const dialog = document.createElement("dialog");
  dialog.className = "full";
  const holder = document.createElement("div");
  holder.className = "picture-holder";
  const said = document.createElement("p");
  said.className = "visually-hidden";
  said.setAttribute("role", "status");
  dialog.append(holder, said);
  full = {
    ...how, dialog, holder, section, stage: null, title: document.title,
    address: section.dataset.address, changed: false, facts: false, busy: false,
  };
  document.body.append(dialog);
  dialog.addEventListener("click", onClick);
  dialog.addEventListener("submit", onSubmit);
  dialog.addEventListener("close", onClose);
  onKeys(dialog, keys(), { "Shift+t": "Remove a tag", z: "100 %; hold for a look" });
  dialog.showModal();
  put(section);
}

// Showing

/** Shows a part that is here, in place of the one before; the focus stays where it was. */
function put(section) {
  const role = roleOf(document.activeElement);
  full.stage?.end();
  full.section = section;
  section.classList.toggle("with-facts", full.facts);
  section.querySelector(".picture-info")?.setAttribute("aria-pressed", String(full.facts));
  full.holder.replaceChildren(section);
  full.dialog.setAttribute("aria-label", section.dataset.title);
  document.title = section.dataset.title;
  const place = section.querySelector(".picture-stage");
  place.tabIndex = -1;
  full.stage = new PictureStage(place, sizeOf(section), { way: goBy, zoomed });
  still(section);
  startModules(section);
  (section.querySelector(role) ?? place).focus({ preventScroll: true });
  lookAhead(section);
  const words = section.querySelector(".message")?.textContent ?? "";
  speak(words || section.dataset.title);
}

/** What the focus is on, in words that find its like in the next part. */
function roleOf(focused) {
  if (!full.holder.contains(focused)) return ".picture-stage";
  if (focused.dataset.zoom) return `[data-zoom="${focused.dataset.zoom}"]`;
  if (focused.name === "verdict") return `[name="verdict"][value="${focused.value}"]`;
  const name = [...focused.classList].find((one) => /^(is-previous|is-next|picture-)/.test(one));
  return `.${name ?? "picture-stage"}`;
}

function sizeOf(section) {
  const image = section.querySelector(".picture-stage img");
  return {
    width: Number(section.dataset.width) || image?.naturalWidth || 1000,
    height: Number(section.dataset.height) || image?.naturalHeight || 750,
  };
}

function zoomed(percent) {
  const output = full?.section.querySelector(".picture-percent");
  if (output) output.textContent = `${percent} %`;
}

function speak(words) {
  const said = full.dialog.querySelector(":scope > [role=status]");
  said.textContent = words.replace(/\s+/g, " ").trim();
}

async function go(address) {
  if (!address || full.busy) return;
  const mine = full;
  full.busy = true;
  const section = await sectionOf(address);
  if (full !== mine) return;
  full.busy = false;
  if (!section) return location.assign(address);
  history.replaceState(history.state, "", section.dataset.address);
  put(section);
}

const goBy = (by) => go(by < 0 ? full.section.dataset.previous : full.section.dataset.next);

// Controls

function onClick(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const from = event.target;
  const way = from.closest("[data-way]");
  const zoom = from.closest("[data-zoom]")?.dataset.zoom;
  if (way || from.closest(".picture-link")) event.preventDefault();
  if (way) go(way.href);
  else if (zoom === "fit") full.stage.fit();
  else if (zoom) full.stage.step(zoom === "in" ? 1 : -1);
  else if (from.closest(".picture-close")) full.dialog.close();
  else if (from.closest(".picture-info")) showFacts(!full.facts);
}

function showFacts(are) {
  full.facts = are;
  full.section.classList.toggle("with-facts", are);
  full.section.querySelector(".picture-info")?.setAttribute("aria-pressed", String(are));
}

function keys() {
  const shift = (x, y) => () => full.stage.shift(x, y);
  let before = null;
  return {
    "Shift+ArrowLeft": shift(-1, 0), "Shift+ArrowRight": shift(1, 0),
    "Shift+ArrowUp": shift(0, -1), "Shift+ArrowDown": shift(0, 1),
    "Shift+t": () => untag(full.section),
    t: () => tag(),
    z: {
      down: (event) => {
        before = { view: full.stage.view, at: event.timeStamp };
        full.stage.toggle(full.stage.pointer ?? undefined);
        full.stage.isLoupe = before.view === null;
      },
      up: (event) => {
        if (full) full.stage.isLoupe = false;
        if (before && event.timeStamp - before.at > HOLD) restore(before.view);
      },
    },
  };
}

function restore(view) {
  if (!full) return;
  full.stage.view = view;
  full.stage.draw();
}

function tag() {
  showFacts(true);
  full.section.querySelector("input[name=add_tag]")?.focus();
}

/** To the buttons that take tags away. */
function untag(section) {
  if (full) showFacts(true);
  const button = section.querySelector("[name=remove_tag]");
  if (button) button.focus();
  else say("It has no tag that you gave.");
}

// Forms

async function onSubmit(event) {
  const form = event.target;
  const { previous, next, address } = full.section.dataset;
  const own = new URL(form.action).pathname === new URL(address, location.href).pathname;
  // Nothing is left to show: the page below is the answer.
  if (own && event.submitter?.name === "trash" && !previous && !next) return;
  event.preventDefault();
  if (full.busy) return;
  const mine = full;
  full.busy = true;
  const body = new URLSearchParams(new FormData(form, event.submitter));
  const redirect = own ? "follow" : "manual";
  const answer = await ask(form.action, { method: "POST", body, redirect }).catch(() => null);
  if (full !== mine) return;
  full.busy = false;
  full.changed = true;
  forget();
  if (answer?.section) return swap(answer.section);
  if (answer?.words || !answer) return speakTrouble(answer?.words);
  const again = await ask(address).catch(() => null);
  if (full !== mine) return;
  if (again?.section) swap(again.section);
  else location.assign(address);
}

/** Shows the answer to a form: the same picture as it is now, or another one. */
function swap(section) {
  const same = section.dataset.address === full.section.dataset.address;
  const { view } = full.stage;
  history.replaceState(history.state, "", section.dataset.address);
  put(section);
  if (same) restore(view);
}

function speakTrouble(words) {
  const line = document.createElement("p");
  line.className = "message error";
  line.setAttribute("role", "alert");
  line.textContent = words || SILENT;
  const box = full.section.querySelector(".messages") ?? document.createElement("div");
  box.className = "messages";
  box.replaceChildren(line);
  full.section.prepend(box);
}

// Closing

function onClose() {
  const was = full;
  full = null;
  was.stage.end();
  was.dialog.remove();
  document.title = was.title;
  drop();
  if (was.home) return backToPage(was);
  const go = () => backToGrid(was);
  if (history.state?.full) {
    addEventListener("popstate", go, { once: true });
    history.back();
  } else {
    go();
  }
}

/** The page of a picture shows that picture again; another one has its own page. */
function backToPage(was) {
  if (was.changed || was.section.dataset.address !== was.address) {
    location.replace(was.section.dataset.address);
    return;
  }
  const image = was.section.querySelector(".picture-stage :is(img, canvas)");
  for (const name of ["width", "height", "transform"]) image?.style.removeProperty(name);
  was.section.classList.remove("with-facts");
  was.home.replaceWith(was.section);
  was.section.querySelector(".picture-link")?.focus();
}

/** The focus goes to the picture that was shown last, which may be another one than was opened. */
function backToGrid(was) {
  if (was.changed) {
    const up = new URL(was.section.dataset.up, location.href);
    // The set below says by itself in which order one goes through all of them.
    if (up.pathname === location.pathname && !up.search) location.reload();
    else location.replace(up);
    return;
  }
  const last = `a[href*="/viewer/picture/${was.section.dataset.name}"]`;
  const link = document.querySelector(last) ?? was.opener;
  link?.focus({ preventScroll: true });
  link?.scrollIntoView({ block: "nearest" });
}

addEventListener("popstate", () => {
  if (full?.pushed) full.dialog.close();
});
