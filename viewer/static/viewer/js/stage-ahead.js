// Pictures of the sets to come, and of the one before: elements that wait to be moved into a page.

const MOST = 512 * 2 ** 20; // bytes of decoded pictures
const LATER = 4; // so many pictures of a set are seen at once at most

/** @type {Map<string, {image: HTMLImageElement, bytes: number}>} By address. */
const waiting = new Map();
/** @type {Map<string, {address: string, bytes: number}[]>} Pictures of sets, by the set's address. */
const sets = new Map();
/** @type {{address: string, bytes: number}[]} */
let before = [];
let loading = Promise.resolve();
let turn = 0;

/** The element of a picture that waits, if it does; it waits no longer. */
export function held(address) {
  const found = waiting.get(address);
  waiting.delete(address);
  return found?.image;
}

/** Takes a picture out of the page it was in, for the case that the set comes back. */
export function release(image) {
  const bytes = Number(image.getAttribute("width")) * Number(image.getAttribute("height")) * 4;
  if (image.complete && !image.naturalWidth) return; // it failed: another try may not
  waiting.set(image.src, { image, bytes });
  before.push({ address: image.src, bytes });
}

/** Lets go of all pictures but these. */
export function keepOnly(addresses) {
  const kept = new Set(addresses);
  for (const address of waiting.keys()) if (!kept.has(address)) waiting.delete(address);
}

/** When no page is being asked for ahead. */
export function ready() {
  turn++;
  return loading.catch(() => null);
}

async function picturesOf(address) {
  const known = sets.get(address);
  if (known) return known;
  const answer = await fetch(address, { cache: "no-store", headers: { "X-Background": "1" } });
  if (!answer.ok) return [];
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const images = [...page.querySelectorAll(".stage img.shot:not([loading])")].slice(0, LATER);
  const found = images.map((image) => ({
    address: new URL(image.getAttribute("src"), location.href).href,
    bytes: Number(image.getAttribute("width")) * Number(image.getAttribute("height")) * 4,
  }));
  sets.set(address, found);
  return found;
}

function load({ address, bytes }) {
  if (waiting.has(address)) return;
  const image = new Image();
  image.decoding = "async";
  image.src = address;
  image.decode().catch(() => null);
  waiting.set(address, { image, bytes });
}

/** The longest beginning of what is wanted that stays within the bound. */
export function within(wanted, most = MOST) {
  let sum = 0;
  return wanted.filter(({ bytes }) => (sum += bytes) <= most);
}

async function ahead(addresses, mine) {
  const old = before;
  before = [];
  const here = new Set([...document.querySelectorAll("main .shot")].map((one) => one.src));
  const wanted = [];
  for (const address of addresses) {
    if (mine !== turn) return;
    wanted.push(...(await picturesOf(address)));
    const chosen = within([...old, ...wanted]).filter((one) => !here.has(one.address));
    if (mine === turn) chosen.forEach(load);
  }
  const rest = within([...old, ...wanted]).map((one) => one.address);
  if (mine === turn) keepOnly(rest);
  for (const key of sets.keys()) if (!addresses.includes(key)) sets.delete(key);
}

/** Loads the pictures of sets ahead, nearest first; those of the page before stay as they are. */
export function preload(addresses) {
  const mine = ++turn;
  loading = loading.catch(() => null).then(() => ahead(addresses, mine)).catch(() => null);
}
