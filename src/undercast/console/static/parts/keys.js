// The keyboard: the same keys on every page.
import { html, useEffect, useLayoutEffect, useRef } from "../html.js";
import { go, here, withQuery } from "../place.js";

/** Listen to the keyboard: `open("search")` and `open("help")` show those. */
export function useKeys(open) {
  useEffect(() => {
    const press = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
      if (event.target.closest?.("input, textarea, select")) {
        if (event.key === "Escape") event.target.blur();
        return;
      }
      const act = { "/": () => open("search"), "?": () => open("help"), j: () => move(1), k: () => move(-1), Escape: up }[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
}

/** To the next or the previous row of the page. */
function move(step) {
  const rows = [...document.querySelectorAll("main [data-row]")].filter((row) => row.getClientRects().length);
  const at = rows.indexOf(document.activeElement?.closest("[data-row]"));
  const next = at < 0 ? rows[step > 0 ? 0 : rows.length - 1] : rows[at + step];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

/** Back: close what is selected, else to the page above. */
function up() {
  const { query } = here();
  if (query.state || query.item) go(withQuery({ state: "", item: "", visit: "", event: "", side: "" }));
  else document.querySelector("[data-up]")?.click();
}

const KEYS = [["/", "Search everything"], ["j  k", "Next and previous row or state"], ["enter", "Open it"], ["esc", "Back: close, or up one page"], ["?", "This help"]];

export function Help({ close }) {
  return html`<${Dialog} close=${close} label="Keyboard"><div class="keys"><h2>Keyboard</h2>
    <dl>${KEYS.map(([key, what]) => html`<dt><kbd>${key}</kbd></dt><dd>${what}</dd>`)}</dl>
    <p class="quiet">Every page has an address: copy it, share it, go back. Everything here comes from the AWS APIs; <code>›_</code> beside a button shows the command that does the same.</p></div><//>`;
}

export function Dialog({ close, label, kind = "", children }) {
  const dialog = useRef(null);
  useLayoutEffect(() => dialog.current.showModal(), []); // before the next key is pressed: it belongs to the dialog
  const outside = (event) => event.target === dialog.current && dialog.current.close();
  return html`<dialog ref=${dialog} class=${kind} aria-label=${label} onClose=${close} onClick=${outside}>${children}</dialog>`;
}
