// Where one is: the URL. Filters, selections, account and region live in it; moving about changes nothing else.
import { useEffect, useState } from "./html.js";

export const ROOT = "/_undercast";
export const HOME = { account: "000000000000", region: "us-east-1" };
const listeners = new Set();

/** {path: [decoded segments], query: {…}, account, region} of the address. */
export function here() {
  const path = location.pathname.slice(ROOT.length).split("/").filter(Boolean).map(decodeURIComponent);
  const query = Object.fromEntries(new URLSearchParams(location.search));
  return { path, query, account: query.account || HOME.account, region: query.region || HOME.region };
}

/** The address of a page in the same account and region. Empty values of the query are left out. */
export function to(path, query = {}, at = here()) {
  const kept = {};
  if (at.account !== HOME.account) kept.account = at.account;
  if (at.region !== HOME.region) kept.region = at.region;
  const all = Object.entries({ ...kept, ...query }).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  const search = new URLSearchParams(all).toString();
  return `${ROOT}/${path.map(encodeURIComponent).join("/")}${search ? `?${search}` : ""}`;
}

/** The same page with some of its query changed. */
export function withQuery(changes) {
  const { path, query } = here();
  return to(path, { ...query, ...changes }, HOME);
}

export function go(url, { replace = false } = {}) {
  history[replace ? "replaceState" : "pushState"](null, "", url);
  for (const listener of listeners) listener();
}

export function usePlace() {
  const [place, setPlace] = useState(here);
  useEffect(() => {
    const look = () => setPlace(here());
    listeners.add(look);
    addEventListener("popstate", look);
    return () => {
      listeners.delete(look);
      removeEventListener("popstate", look);
    };
  }, []);
  return place;
}

/** Links within the console move without loading the page anew; the rest of the web's habits (new tab…) stay. */
export function followLinks() {
  addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const url = new URL(link.href);
    if (url.origin !== location.origin || !url.pathname.startsWith(`${ROOT}/`) || url.pathname.includes("/static/") || link.target) return;
    event.preventDefault();
    go(url.pathname + url.search);
    scrollTo(0, 0);
  });
}
