// The cells of a grid: which there are, what of one takes the focus, what its picture is called.

/** The pictures that are in the page now. */
export function cellsOf(grid) {
  return [...grid.root.querySelectorAll(".cell")];
}

/** What of a cell takes the focus. */
export function controlOf(cell) {
  return cell.querySelector("a.to, input[name=pick]");
}

/** What a cell's picture is called in addresses. */
export function nameOf(cell) {
  const control = controlOf(cell);
  if (control instanceof HTMLInputElement) return control.value;
  return /picture\/([0-9a-f]{64})/.exec(control?.getAttribute("href") ?? "")?.[1] ?? "";
}
