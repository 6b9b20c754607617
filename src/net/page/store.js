// The requests that are known, oldest first, and those of them that are shown. What comes is taken in once a frame.
const MOST = 20_000;
// So many may wait for a frame: a page that is not seen gets none.
const WAITING = 2_000;

const store = {
  all: [],
  shown: [],
  byId: new Map(),
  dropped: 0,
  faulty: 0,
  wanted: () => true,
  // Called after a change, with how many rows came to the end of what is shown.
  changed: () => {},
};

// What is looked up of a request again and again.
function known(request) {
  const { id, method, target, operation = '', status, why, findings, sandbox } = request;
  const codes = findings.map((finding) => finding.code);
  const severity = findings.reduce((worst, { severity }) => (RANK[severity] > (RANK[worst] ?? 0) ? severity : worst), '');
  const text = [id, method, target, operation, status, why, sandbox, ...codes].join(' ').toLowerCase();
  return { ...request, codes, severity, text };
}

let waiting = [];
let frame = 0;

function receive(kind, request) {
  waiting.push([kind, request]);
  if (waiting.length >= WAITING) takeIn();
  else if (!frame) frame = requestAnimationFrame(takeIn);
}

function takeIn() {
  cancelAnimationFrame(frame);
  frame = 0;
  let added = 0;
  let isReplaced = false;
  const came = waiting;
  waiting = [];
  for (const [, request] of came) {
    const held = store.byId.get(request.id);
    const record = known(request);
    if (held) {
      Object.assign(held, record);
      isReplaced = true;
      continue;
    }
    store.byId.set(record.id, record);
    store.all.push(record);
    if (store.wanted(record)) {
      store.shown.push(record);
      added += 1;
    }
  }
  // Earlier ones come after later ones when the page fills what it missed.
  if (!isAscending(store.all, came.length)) {
    store.all.sort((a, b) => a.id - b.id);
    isReplaced = true;
  }
  if (store.all.length > MOST) {
    for (const old of store.all.splice(0, store.all.length - MOST)) store.byId.delete(old.id);
    isReplaced = true;
  }
  if (isReplaced) sift();
  store.changed(added);
}

function isAscending(all, last) {
  for (let at = Math.max(1, all.length - last - 1); at < all.length; at += 1) {
    if (all[at - 1].id > all[at].id) return false;
  }
  return true;
}

function sift() {
  store.shown = store.all.filter(store.wanted);
}

function forgetAll() {
  waiting = [];
  store.all = [];
  store.shown = [];
  store.byId.clear();
  store.dropped = 0;
  store.changed(0);
}

// The newest at once, then whatever came before them, a part at a time; and what happens from there on.
async function load() {
  const page = await ask('requests?limit=1000');
  store.dropped = page.dropped;
  for (const request of page.requests) receive('answered', request);
  takeIn();
  follow(page.requests.at(-1)?.id ?? 0);
  if (page.more) await fill(0, page.requests[0].id);
}

async function fill(after, before) {
  while (after < before) {
    const page = await ask(`requests?since=${after}&limit=1000`);
    store.dropped = page.dropped;
    const missing = page.requests.filter((request) => !store.byId.has(request.id));
    for (const request of missing) receive('answered', request);
    takeIn();
    if (!page.more || !page.requests.length) return;
    after = page.requests.at(-1).id;
    // The browser draws what is there before it is given more.
    await new Promise(requestAnimationFrame);
  }
}

function follow(last) {
  const source = new EventSource(`${base}requests/stream?since=${last}`);
  const read = (event) => JSON.parse(event.data);
  source.addEventListener('answered', (event) => receive('answered', read(event).request));
  source.addEventListener('ended', (event) => {
    const { request } = read(event);
    receive('ended', request);
    detail.isStale(request.id);
  });
  source.addEventListener('missed', () => {
    const newest = store.all.at(-1)?.id ?? 0;
    fill(store.all.at(-Math.min(store.all.length, 1))?.id ?? 0, Infinity).catch(() => connected('lost'));
    say(`Some requests were missed after ${newest}; they are fetched.`);
  });
  source.addEventListener('renewed', () => documents.load());
  source.addEventListener('open', () => connected('live'));
  source.addEventListener('error', () => connected('lost'));
}

function connected(state) {
  $('state').className = state;
  $('state-text').textContent = state === 'live' ? 'live' : 'not connected, trying again';
}
