// Forms that send themselves when a choice changes, and buttons that can be pressed once.

/** @param {HTMLFormElement} form */
export function start(form) {
  form.addEventListener("change", (event) => {
    if (event.target.matches("select[data-sends]")) form.requestSubmit();
  });
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button?.matches("[data-once]")) return;
    // Not at once: a button that is disabled is not sent.
    setTimeout(() => { button.disabled = true; });
  });
  // A page that comes back from the browser's memory can be used again.
  addEventListener("pageshow", () => {
    for (const button of form.querySelectorAll("[data-once]")) button.disabled = false;
  });
}
