// The parts of picture pages that full screen shows: asked for ahead, and their pictures kept.
//
// A picture's element is used again wherever its address is shown again, so that none is asked for
// twice: pages of an encrypted archive may not be kept by the browser.

import { blank } from "./main.js";

const AHEAD = 2;
const KEPT = 8;
const MOST_BYTES = 512 * 2 ** 20;

/** @typedef {{section: HTMLElement | null, address: string, words: string}} Answer */

/** @type {Map<string, Promise<HTMLElement | null>>} */
const sections = new Map();
/** @type {Map<string, HTMLImageElement>} */
const pictures = new Map();

/** The part of a picture's page, asked for only if it is not here yet. */
export function sectionOf(address) {
  const key = new URL(address, location.href).href;
  if (!sections.has(key)) {
    // What a form had to say is for its own answer, which may be on its way just now.
    sections.set(key, ask(key, {}, { "X-Background": "1" }).then((answer) => answer.section, () => null));
  }
  return sections.get(key);
}

/** What was asked for ahead may be outdated now; the pictures are not. */
export function forget() {
  sections.clear();
}

/** Nothing is kept once full screen is left. */
export function drop() {
  sections.clear();
  pictures.clear();
}

/** Keeps the picture that a section of this page shows already. */
export function keep(section) {
  const image = section.querySelector(".picture-stage img");
  if (image) remember(image.getAttribute("src"), image);
}

/**
 * Asks the server for the part of a page.
 * @param {string} address
 * @param {RequestInit} options
 * @param {Object<string, string>} headers
 * @returns {Promise<Answer>}
 */
export async function ask(address, options = {}, headers = {}) {
  const answer = await fetch(address, {
    cache: "no-store", ...options, headers: { "X-Part": "picture", ...headers },
  });
  if (answer.type === "opaqueredirect") return { section: null, address: "", words: "" };
  if (answer.status === 423 || answer.status === 403) blank();
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const found = answer.ok ? page.querySelector("section.picture") : null;
  const words = page.querySelector(".message.error")?.textContent.trim() ?? "";
  return { section: found ? adopt(found) : null, address: answer.url, words };
}

function adopt(found) {
  const section = document.importNode(found, true);
  const image = section.querySelector(".picture-stage img");
  if (image) image.replaceWith(known(found.querySelector(".picture-stage img")));
  // What it says stands in the page's own place for it as well: one of them has the name.
  section.querySelector(".messages")?.removeAttribute("id");
  return section;
}

function known(image) {
  const source = image.getAttribute("src");
  const here = pictures.get(source);
  if (here) return remember(source, here);
  const made = new Image();
  for (const { name, value } of image.attributes) {
    if (name !== "src") made.setAttribute(name, value);
  }
  made.src = source;
  return remember(source, made);
}

function remember(source, image) {
  pictures.delete(source);
  pictures.set(source, image);
  while (pictures.size > KEPT) pictures.delete(pictures.keys().next().value);
  return image;
}

const bytesOf = (section) => 4 * Number(section.dataset.width) * Number(section.dataset.height) || 0;

/** Asks for the pictures after and before one, as long as they are not too large to be held. */
export async function lookAhead(section) {
  const wanted = new Set([new URL(section.dataset.address, location.href).href]);
  let bytes = bytesOf(section);
  for (const [way, many] of [["next", AHEAD], ["previous", 1]]) {
    let from = section;
    for (let at = 0; at < many && from?.dataset[way]; at += 1) {
      wanted.add(new URL(from.dataset[way], location.href).href);
      from = await sectionOf(from.dataset[way]);
      bytes += from ? bytesOf(from) : 0;
      if (bytes > MOST_BYTES) return;
      from?.querySelector(".picture-stage img")?.decode().catch(() => null);
    }
  }
  for (const key of sections.keys()) if (!wanted.has(key)) sections.delete(key);
}
