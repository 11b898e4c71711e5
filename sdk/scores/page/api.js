// Questions to the service. It knows routes and answers; nothing of the page.

/** The service that the page was made for: the one that served it, or the one that its `<meta>` names. */
const own = new URL(document.querySelector('meta[name="netcord-api"]')?.content || ".", document.baseURI);

/** Whose answers are shown: the page's own service, or the one that `?api=` names. */
export const base = chosen(new URLSearchParams(location.search).get("api")) ?? own;

function chosen(address) {
  try {
    const url = new URL(address);
    return ["http:", "https:"].includes(url.protocol) ? new URL(`${url.href.replace(/\/*$/, "")}/`) : null;
  } catch {
    return null;
  }
}

/** Why there is no answer. `wait` is how long the service asks to be left alone, in milliseconds. */
export class Trouble extends Error {
  constructor(message, { code = "unreachable", wait = 0 } = {}) {
    super(message);
    Object.assign(this, { code, wait });
  }
}

/**
 * Asks for `path` below the service. The browser sends the tag of the answer that it has, as `If-None-Match`: what has not
 * changed isn't sent again.
 */
async function ask(path, read) {
  let response;
  try {
    response = await fetch(new URL(path, base), { cache: "no-cache", signal: AbortSignal.timeout(10_000) });
  } catch {
    throw new Trouble("The service doesn’t answer.");
  }
  if (!response.ok) {
    const problem = await response.json().catch(() => ({}));
    const wait = Number(problem.retry_after_millis) || 0;
    throw new Trouble(problem.detail ?? `The service answers ${response.status}.`, { code: problem.code, wait });
  }
  try {
    return { value: await read(response), tag: response.headers.get("etag") };
  } catch {
    throw new Trouble("The service answers what can’t be read.");
  }
}

const json = (path) => ask(path, (response) => response.json());
const value = async (path) => (await json(path)).value;
const board = (id) => `v1/boards/${encodeURIComponent(id)}`;
const query = (parameters) =>
  new URLSearchParams(Object.entries(parameters).filter(([, given]) => given !== undefined && given !== null));

export const info = () => value("v1");
export const boards = async () => (await value("v1/boards")).boards;
/** Some rows of a listing, and the tag that stays the same as long as the listing does. */
export const top = (id, season, limit, after) => json(`${board(id)}/scores?${query({ season, limit, after })}`);
export const around = (id, season, player, limit) =>
  value(`${board(id)}/scores/around/${encodeURIComponent(player)}?${query({ season, limit })}`);
export const best = (id, season, player) =>
  value(`${board(id)}/players/${encodeURIComponent(player)}/best?${query({ season })}`);
export const history = (id, player, limit, before) =>
  value(`${board(id)}/players/${encodeURIComponent(player)}/scores?${query({ limit, before })}`);
export const player = (id) => value(`v1/players/${encodeURIComponent(id)}`);
export const players = async (name, limit) => (await value(`v1/players?${query({ name, limit })}`)).players;
export const replay = async (score) =>
  new Uint8Array((await ask(`v1/scores/${encodeURIComponent(score)}/replay`, (response) => response.arrayBuffer())).value);

/**
 * The script that shows replays of a board. It runs as a part of this page, so it comes from where the page comes from, or
 * from the service that the page names, and not from wherever a link says.
 */
export function viewer({ viewer }) {
  const url = viewer && new URL(viewer, base);
  return url && (url.origin === own.origin || url.origin === location.origin) ? url.href : null;
}
