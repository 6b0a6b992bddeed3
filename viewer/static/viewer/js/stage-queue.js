// One document for the whole queue: answers are swapped in, the next sets are loaded ahead.
//
// A decision is the form itself, sent by fetch; what it is answered with takes the place of the
// page's content. Pictures are moved from page to page as elements, so none is asked for twice,
// also where nothing may be kept by the browser.

import { arm, disarm } from "./keys.js";
import { blank, isPlain, say, show, startModules } from "./main.js";
import { isNarrow } from "./stage-layout.js";
import { held, keepOnly, ready, preload, release } from "./stage-ahead.js";

let current = null;
let isBusy = false;
let listens = false;

function isOurs(form) {
  if (form.method !== "post" || form.closest("dialog") || form.hasAttribute("data-leave")) return false;
  if ([...form.attributes].some((one) => one.name.startsWith("hx-"))) return false;
  return Boolean(form.closest("main, #messages"));
}

/**
 * Sends a form and shows the answer. One at a time: what comes meanwhile decides nothing.
 * @param {HTMLFormElement} form
 * @param {HTMLElement | null} submitter
 * @param {(field: string) => boolean} takes which fields are sent
 */
export async function submit(form, submitter, takes = () => true) {
  if (isBusy) return;
  const fields = [...new FormData(form, submitter)].filter(([name]) => takes(name));
  const address = submitter?.getAttribute("formaction") || form.getAttribute("action") || location.href;
  await change(new URL(address, location.href), { method: "POST", body: new URLSearchParams(fields) });
}

/** Goes to another set in this document. */
export async function go(address) {
  if (!isBusy) await change(new URL(address, location.href), {});
}

async function change(address, options) {
  isBusy = true;
  disarm();
  try {
    await ready(); // a page loaded ahead must not be given the words that belong to the answer
    const answer = await fetch(address, { cache: "no-store", ...options });
    const html = await answer.text();
    swap(html, answer);
  } catch {
    show("The viewer does not answer: nothing was changed, or not all. Is it still running?", "error");
    arm();
  } finally {
    isBusy = false;
  }
}

function swap(html, answer) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const main = page.querySelector("main");
  const isPage = (answer.headers.get("Content-Type") || "").startsWith("text/html");
  if (answer.status === 423 || (answer.status === 403 && !main?.querySelector(".stage"))) return blank();
  if (!main || !isPage) {
    show("That did not work.", "error");
    arm();
    return;
  }
  const refused = answer.status >= 400;
  leave();
  styles(page);
  const fresh = withImages(main);
  document.querySelector("main").replaceWith(fresh);
  for (const part of ["#messages", "body > header"]) replace(page, part);
  document.title = page.title;
  if (!refused || answer.redirected) history.replaceState(history.state, "", answer.url);
  startModules(document.body);
  const stage = fresh.querySelector(".stage");
  if (stage && isNarrow() && !refused) stage.scrollIntoView({ block: "start" });
  else scrollTo(0, 0);
  announce(fresh, refused);
  if (!stage) {
    keepOnly([]);
    arm();
  }
}

function leave() {
  current?.stop();
  document.querySelectorAll("main .shot[src]").forEach(release);
  current = null;
}

/** Styles of a page that this one did not have. */
function styles(page) {
  const have = new Set([...document.head.querySelectorAll('link[rel="stylesheet"]')].map((one) => one.href));
  for (const link of page.head.querySelectorAll('link[rel="stylesheet"]')) {
    const address = new URL(link.getAttribute("href"), location.href).href;
    if (!have.has(address)) document.head.append(document.importNode(link));
  }
}

/** The new content, with the pictures that are here already moved into it. */
function withImages(main) {
  const addresses = [...main.querySelectorAll("img.shot")].map((image) => {
    const address = image.getAttribute("src");
    image.removeAttribute("src");
    return address;
  });
  const fresh = document.importNode(main, true);
  [...fresh.querySelectorAll("img.shot")].forEach((image, at) => {
    const address = new URL(addresses[at], location.href).href;
    const here = held(address);
    if (!here) {
      image.src = address;
      return;
    }
    for (const { name, value } of image.attributes) {
      if (name !== "loading") here.setAttribute(name, value);
    }
    here.removeAttribute("style");
    image.replaceWith(here);
  });
  return fresh;
}

function replace(page, selector) {
  const here = document.querySelector(selector);
  const there = page.querySelector(selector);
  if (here && there) here.replaceWith(document.importNode(there, true));
}

const NUMBERS = ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten"];

/** What is said of a set that was swapped in: where it stands, how many, what is advised. */
export function spokenOf(main) {
  const text = (element) => element?.textContent.replace(/\s+/g, " ").trim() || "";
  const stage = main.querySelector(".stage");
  const title = text(main.querySelector("h1"));
  if (!stage) return title;
  const [, set, count, noun] = /^(.*), ([\d,]+) (\w+)$/.exec(title) || [title, title, "", ""];
  const said = [set, `${NUMBERS[count] || count} ${noun}`.trim(), text(main.querySelector("[data-sentence]"))];
  if (stage.dataset.keep) said.push(`Suggested: keep ${stage.dataset.keep}`);
  return said.filter(Boolean).map((part) => (/[.!?]$/.test(part) ? part : `${part}.`)).join(" ");
}

function announce(main, refused) {
  const title = document.getElementById("title");
  title?.focus({ preventScroll: true });
  const messages = [...document.querySelectorAll("#messages .message.success > span")];
  const done = messages.map((one) => `${one.textContent.trim()} `).join("");
  if (!refused) say(done + spokenOf(main));
}

function onSubmit(event) {
  if (!current || event.defaultPrevented || !isOurs(event.target)) return;
  event.preventDefault();
  submit(event.target, event.submitter);
}

function onClick(event) {
  const link = event.target instanceof Element ? event.target.closest("main a[href]") : null;
  if (!current || !link || event.defaultPrevented || !isPlain(event)) return;
  const { next, previous } = current.element.dataset;
  const known = [next, previous].filter(Boolean).map((one) => new URL(one, location.href).href);
  if (!/\b(next|prev)\b/.test(link.rel) && !known.includes(link.href)) return;
  event.preventDefault();
  go(link.href);
}

/** Makes a stage part of the queue: its forms are sent from here, its neighbours loaded ahead. */
export function startQueue(stage) {
  current = stage;
  if (!listens) {
    listens = true;
    document.addEventListener("submit", onSubmit);
    document.addEventListener("click", onClick);
  }
  const { next, after } = stage.element.dataset;
  preload([next, after].filter(Boolean));
}
