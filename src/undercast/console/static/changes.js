// What the platform says has changed, and values that are read again when it does.
import { useEffect, useRef, useState } from "./html.js";
import { ROOT, usePlace } from "./place.js";

const listeners = new Set();
let source = null;
let listened = "";
export const connection = { open: false, lost: false };

/** Follow the changes of an account and region. */
export function follow(account, region) {
  const wanted = `${ROOT}/events?${new URLSearchParams({ account, region })}`;
  if (wanted === listened) return;
  source?.close();
  listened = wanted;
  if (!document.hidden) listen();
}

function listen() {
  source = new EventSource(listened);
  source.addEventListener("change", (event) => tell(JSON.parse(event.data)));
  source.onopen = () => {
    connection.open = true;
    connection.lost = false;
    tell(null); // whatever was missed meanwhile
  };
  source.onerror = () => {
    connection.open = false;
    connection.lost = true;
    tell(undefined);
  };
}

// A browser opens six connections to a host: a page that nobody sees gives back the one that it listens on.
document.addEventListener("visibilitychange", () => {
  source?.close();
  if (!document.hidden && listened) listen();
});

function tell(change) {
  for (const listener of listeners) listener(change);
}

/** Whether the stream of changes is open. */
export function useConnected() {
  const [open, setOpen] = useState(connection.open);
  useEffect(() => listening(() => setOpen(connection.open)), []);
  return open;
}

/** Call `listener` with every change; null when some may have been missed, undefined when the stream broke. */
export function listening(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** {value, error, loading} of `read()`, read again when `deps` change or one of `services` did something.
 *  `every_ms` reads again after that time too. What was read before stays visible meanwhile. `reload` reads at once. */
export function useLive(read, deps, { services = [], every_ms = 0 } = {}) {
  const { account, region } = usePlace();
  const [state, setState] = useState({ value: undefined, error: null, loading: true });
  const reader = useRef(null);
  useEffect(() => {
    let ended = false;
    let under = false;
    let again = false;
    let rest = 0;
    setState((old) => ({ ...old, error: null, loading: true }));
    async function look() {
      if (under) {
        again = true;
        return;
      }
      under = true;
      const began = performance.now();
      try {
        const value = await read();
        if (!ended) setState({ value, error: null, loading: false });
      } catch (error) {
        if (!ended) setState((old) => ({ value: old.value, error, loading: false }));
      }
      // A busy system is looked at calmly: reading it takes a fifth of the time at most.
      rest = setTimeout(() => {
        under = false;
        if (again && !ended) {
          again = false;
          look();
        }
      }, Math.min(5000, Math.max(120, 4 * (performance.now() - began))));
    }
    reader.current = look;
    look();
    const stop = listening((change) => {
      if (change === undefined) return;
      if (change === null || services.includes(change.service)) look();
    });
    const timer = every_ms ? setInterval(look, every_ms) : 0;
    return () => {
      ended = true;
      stop();
      clearTimeout(rest);
      clearInterval(timer);
    };
  }, [account, region, ...deps]);
  return { ...state, reload: () => reader.current?.() };
}
