// Keys of every page: which control a key presses, and who listens to the ones that are held.
//
// A control says its keys in `data-key`, several with spaces between; names are those of
// `KeyboardEvent.key`, letters small, `Space` for the space bar, `Shift+` before a letter or a named
// key. Only the topmost layer hears keys, nobody does while something is typed. Controls that decide
// carry `data-armed`: they wait until `arm()` was called and every key is up.

/** @typedef {(event: KeyboardEvent) => void} Handler */
/** @typedef {Handler | {down: Handler, up?: Handler}} Listener */

const TYPED = new Set(["text", "search", "url", "tel", "email", "password", "number", "date",
  "month", "week", "time", "datetime-local", "file", "color", "image"]);
const REPEATED = /^(Shift\+)?Arrow|^[+=-]$/;
const OWN = {
  radio: /^(Shift\+)?(Arrow.*|Space|Tab)$/,
  checkbox: /^(Space|Enter)$/,
  range: /^(Shift\+)?(Arrow.*|Home|End|Page.*)$/,
};

/** @type {{element: Element, map: Object<string, Listener>, words: Object<string, string>}[]} */
const listeners = [];
/** @type {Element[]} */
const layers = [];
/** Keys that are down now, by place on the keyboard, with what to do when they come up. */
const held = new Map();
let armed = true;
let arming = false;

/** What a press is called: physical digits, small letters, `Shift+` where it says something. */
export function nameOf(event) {
  const digit = /^(?:Digit|Numpad)([0-9])$/.exec(event.code || "");
  if (/^[0-9]$/.test(event.key)) return event.key;
  if (digit && !event.shiftKey && event.code.startsWith("Digit")) return digit[1];
  const shift = event.shiftKey ? "Shift+" : "";
  if (event.key === " ") return `${shift}Space`;
  if (event.key.length > 1) return shift + event.key;
  const letter = /^Key([A-Z])$/.exec(event.code || "");
  const foreign = letter && event.key.charCodeAt(0) > 0x24f; // a keyboard of another script
  const key = foreign ? letter[1].toLowerCase() : event.key.toLowerCase();
  return key === key.toUpperCase() ? key : shift + key;
}

/** What a person moved a key to, or switched off with an empty string: `{"k": "q", "b": ""}`. */
export function remapped() {
  try {
    return JSON.parse(document.documentElement.dataset.keys || "{}") || {};
  } catch {
    return {};
  }
}

/** The key to press for an action, or nothing when it is switched off. */
export function keyFor(action) {
  const moved = remapped();
  return Object.hasOwn(moved, action) ? moved[action] : action;
}

/** The action that a pressed key stands for, or nothing. */
function actionOf(name) {
  const moved = remapped();
  const found = Object.keys(moved).find((action) => moved[action] === name);
  if (found !== undefined) return found;
  return Object.hasOwn(moved, name) ? "" : name;
}

/** Listens while the element is in the document and in the topmost layer. Returns how to stop. */
export function onKeys(element, map, words = {}) {
  const listener = { element, map, words };
  listeners.push(listener);
  return () => {
    const at = listeners.indexOf(listener);
    if (at >= 0) listeners.splice(at, 1);
  };
}

/** What is listened to in a layer, as pairs of key and words. */
export function spoken(layer) {
  const within = listeners.filter((one) => one.element.isConnected && layer.contains(one.element));
  return within.flatMap((one) => Object.entries(one.words));
}

/** Puts something over the page that hears keys alone; dialogs need not. */
export function pushLayer(element) {
  layers.push(element);
}

/** Takes it away again. */
export function popLayer(element) {
  const at = layers.lastIndexOf(element);
  if (at >= 0) layers.splice(at, 1);
}

/** The topmost open layer: a modal dialog, else what was pushed, else the page. */
export function topLayer() {
  const dialogs = [...document.querySelectorAll("dialog:modal")];
  const focused = dialogs.filter((one) => one.contains(document.activeElement));
  const open = focused.at(-1) || dialogs.at(-1);
  return open || layers.findLast((one) => one.isConnected) || document.body;
}

/** No control that decides hears a key until `arm()`. */
export function disarm() {
  armed = false;
  arming = false;
}

/** Lets keys decide again, once those that are down now are up. */
export function arm() {
  arming = true;
  settle();
}

/** Whether keys decide now. */
export function isArmed() {
  return armed;
}

function settle() {
  if (arming && held.size === 0) {
    armed = true;
    arming = false;
  }
}

function isTyping(event) {
  const target = event.target;
  if (event.isComposing || event.keyCode === 229) return true;
  if (!(target instanceof Element)) return false;
  if (target.closest("textarea, select, [contenteditable]:not([contenteditable=false])")) return true;
  return target instanceof HTMLInputElement && TYPED.has(target.type);
}

/** Whether the focused control does something by itself with this key. */
function isOwn(event, name) {
  const target = event.target;
  if (!(target instanceof Element)) return false;
  if (target instanceof HTMLInputElement && OWN[target.type]) return OWN[target.type].test(name);
  const pressed = target.closest("a[href], button, summary, [role=button], [role=option]");
  return Boolean(pressed) && /^(Enter|Space)$/.test(name);
}

function isUsable(element) {
  if (element.disabled || element.closest("[inert]")) return false;
  return element.checkVisibility({ visibilityProperty: true });
}

/** The control of a layer that a key presses. */
export function controlOf(layer, action) {
  const all = layer.querySelectorAll("[data-key]");
  return [...all].find((one) => one.dataset.key.split(" ").includes(action) && isUsable(one));
}

function press(control, event) {
  const decides = control.closest("[data-armed]");
  event.preventDefault();
  if (decides && !armed) return;
  const type = control instanceof HTMLInputElement ? control.type : "";
  if (TYPED.has(type) || control.matches("textarea, select")) {
    control.focus();
    if (control.select) control.select();
  } else {
    control.click();
  }
}

function listenerOf(layer, action) {
  return listeners.findLast(
    (one) => Object.hasOwn(one.map, action) && one.element.isConnected && layer.contains(one.element),
  );
}

/** Whether the browser has something to scroll with this key, and so keeps it. */
function scrolls(layer, name) {
  const page = document.scrollingElement;
  return /^Page(Up|Down)$/.test(name) && layer === document.body
    && page.scrollHeight > innerHeight + 1;
}

function undoName(event) {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return "";
  const key = event.key.toLowerCase();
  if (key === "z") return event.shiftKey ? "Shift+u" : "u";
  return key === "y" ? "Shift+u" : "";
}

/** Opens what lists the keys of this page. */
async function help(layer) {
  const { showHelp } = await import("./help.js");
  showHelp(layer);
}

function onDown(event) {
  if (event.defaultPrevented || isTyping(event)) return;
  const modified = event.ctrlKey || event.altKey || event.metaKey;
  const name = modified ? undoName(event) : nameOf(event);
  if (!name || /^(Control|Alt|Meta|Shift|Shift\+Shift|Tab|Shift\+Tab|Dead)$/.test(name)) return;
  const repeats = event.repeat && !REPEATED.test(name);
  if (!modified && !held.has(event.code)) held.set(event.code, null);
  if (!modified && isOwn(event, name)) return;
  const action = modified ? name : actionOf(name);
  if (!action) return;
  const layer = topLayer();
  if (scrolls(layer, name)) return;
  const listener = listenerOf(layer, action);
  const control = listener ? null : controlOf(layer, action);
  if (!listener && !control && action !== "?") return;
  event.preventDefault();
  if (repeats) return;
  if (listener) tell(listener.map[action], event);
  else if (control) press(control, event);
  else help(layer);
}

function tell(listener, event) {
  if (typeof listener === "function") {
    listener(event);
    return;
  }
  if (event.repeat) return;
  held.set(event.code, listener.up || null);
  listener.down(event);
}

function onUp(event) {
  const up = held.get(event.code);
  held.delete(event.code);
  if (up) up(event);
  settle();
}

function onLeave() {
  for (const up of held.values()) if (up) up(new KeyboardEvent("keyup"));
  held.clear();
  settle();
}

document.addEventListener("keydown", onDown);
document.addEventListener("keyup", onUp, true);
window.addEventListener("blur", onLeave);
document.addEventListener("visibilitychange", onLeave);
