// A number of units with a button for one less and one more.

import { button, el } from "./elements.js";
import { described } from "./goods.js";

/** As an item of a list. `set(quantity)` is called when a button is pressed. */
export function stepper(id, group, value, most, set) {
  return el("li", {}, el("span", {}, described(group)), counter(id, group, value, { most, set }));
}

/** The buttons and the number alone. `least`, `most`: where a button rests; `where`: of which number of these goods it is, for who cannot see it. */
export function counter(id, group, value, { least = 0, most = Infinity, where = "", set }) {
  const name = described(group);
  const less = button("−", { kind: "round", id: `${id}-less`, "aria-label": `One ${name} less${where}`, onclick: () => set(value - 1) });
  const more = button("+", { kind: "round", id: `${id}-more`, "aria-label": `One more ${name}${where}`, onclick: () => set(value + 1) });
  less.disabled = value <= least;
  more.disabled = value >= most;
  return el("span", { class: "stepper", role: "group", "aria-label": name }, less, el("output", { id }, String(value)), more);
}
