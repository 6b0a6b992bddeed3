// What is ticked in a plan is left out at once: other rows, at random or on another page, are then
// only a link away, and the button that applies it says what it does.

import { blank, say, show } from "./main.js";

/** @param {HTMLFormElement} form */
export function start(form) {
  let sent = Promise.resolve();
  let last = 0;
  form.addEventListener("change", (event) => {
    if (event.target.name !== "drop") return;
    event.target.closest(".plan-row").classList.toggle("dropped", event.target.checked);
    const mine = ++last;
    sent = sent.then(() => (mine === last ? leaveOut(form) : null));
  });
}

/** Tells the server, and takes over what it says of the whole. */
async function leaveOut(form) {
  const body = new URLSearchParams(new FormData(form));
  body.set("leave_out", "1");
  const answer = await fetch(location.href, { method: "POST", body, cache: "no-store" }).catch(() => null);
  if (answer?.status === 423 || answer?.status === 403) return blank();
  if (!answer?.ok) return show("What is ticked could not be left out. Is the viewer still running?", "error");
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of [".toolbar", ".sampled"]) {
    const [old, fresh] = [form, page].map((within) => within.querySelector(part));
    if (old && fresh && !old.contains(document.activeElement)) old.replaceWith(document.adoptNode(fresh));
  }
  say(form.querySelector("[name=apply]").textContent.trim());
}
