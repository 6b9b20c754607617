// The list: only the rows that are seen are in the page, however many there are.
const grid = $('grid');
const rows = $('rows');

const list = { height: 30, pool: [], active: null, isDrawn: false };

function row() {
  const cell = (name) => h('span', { class: name, role: 'gridcell' });
  const cells = { status: cell('status'), method: cell('method'), target: cell('target'), found: cell('found') };
  Object.assign(cells, { operation: cell('operation'), time: cell('time'), took: cell('took') });
  const element = h('div', { class: 'row', role: 'row', 'aria-selected': 'false' }, Object.values(cells));
  element.addEventListener('click', () => open(element.record));
  rows.append(element);
  return { element, cells, record: null };
}

function fillRow(slot, record) {
  const { element, cells } = slot;
  slot.record = record;
  element.record = record;
  element.id = `request-${record.id}`;
  element.dataset.severity = record.severity;
  cells.status.textContent = record.status;
  cells.status.dataset.class = Math.floor(record.status / 100);
  cells.method.textContent = record.method;
  cells.target.textContent = record.target;
  cells.target.title = record.target;
  cells.operation.textContent = record.operation ?? '';
  cells.time.textContent = record.time.slice(11, 19);
  cells.time.title = record.time;
  cells.took.textContent = `${record.took_ms < 10 ? record.took_ms.toFixed(1) : Math.round(record.took_ms)} ms`;
  const codes = [...new Set(record.codes)];
  const told = codes.length > 1 ? `${codes[0]} +${codes.length - 1}` : codes[0];
  cells.found.replaceChildren(...(told ? [mark(record.severity), h('span', null, told)] : []));
  slot.findings = record.findings;
}

// Draws what is seen of the rows, the newest first.
function draw() {
  list.isDrawn = false;
  const { shown } = store;
  const { height } = list;
  rows.style.height = `${shown.length * height}px`;
  const seen = Math.ceil(grid.clientHeight / height) + 12;
  const first = Math.max(0, Math.floor(grid.scrollTop / height) - 6);
  while (list.pool.length < seen) list.pool.push(row());
  const used = new Set();
  for (let at = first; at < Math.min(first + seen, shown.length); at += 1) {
    const place = shown.length - 1 - at;
    const slot = list.pool[place % list.pool.length];
    const record = shown[place];
    if (slot.record !== record || slot.findings !== record.findings) fillRow(slot, record);
    slot.element.style.transform = `translateY(${at * height}px)`;
    slot.element.setAttribute('aria-rowindex', at + 2);
    slot.element.setAttribute('aria-selected', record.id === list.active ? 'true' : 'false');
    slot.element.hidden = false;
    used.add(slot);
  }
  for (const slot of list.pool) {
    if (used.has(slot)) continue;
    slot.element.hidden = true;
    // Two rows of one id would lead whoever listens to the wrong one.
    slot.element.removeAttribute('id');
    slot.record = null;
  }
  grid.setAttribute('aria-rowcount', shown.length + 1);
  if (shown.length && !list.isTold) {
    list.isTold = true;
    performance.mark('first-rows');
  }
  const isSeen = list.active !== null && [...used].some((slot) => slot.record.id === list.active);
  if (isSeen) grid.setAttribute('aria-activedescendant', `request-${list.active}`);
  else grid.removeAttribute('aria-activedescendant');
}

function drawSoon() {
  if (list.isDrawn) return;
  list.isDrawn = true;
  requestAnimationFrame(draw);
}

// Who has scrolled away stays where the rows are that are read; who is at the top sees the newest.
let fresh = 0;

function grown(added) {
  if (added && grid.scrollTop > list.height) {
    fresh += added;
    rows.style.height = `${store.shown.length * list.height}px`;
    grid.scrollTop += added * list.height;
  }
  tellFresh();
  draw();
}

function tellFresh() {
  if (grid.scrollTop <= list.height) fresh = 0;
  $('fresh').hidden = fresh === 0;
  $('fresh').textContent = `↑ ${fresh.toLocaleString('en')} new`;
}

// The place of the active row among those that are shown, counted from the top.
function activeAt() {
  const { shown } = store;
  let [low, high] = [0, shown.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (shown[middle].id < list.active) low = middle + 1;
    else high = middle;
  }
  return shown[low]?.id === list.active ? shown.length - 1 - low : -1;
}

function activate(at) {
  const { shown } = store;
  if (!shown.length) return;
  const place = Math.min(Math.max(at, 0), shown.length - 1);
  list.active = shown[shown.length - 1 - place].id;
  const head = grid.firstElementChild.offsetHeight;
  const top = place * list.height;
  if (top < grid.scrollTop) grid.scrollTop = top;
  else if (top + list.height > grid.scrollTop + grid.clientHeight - head) {
    grid.scrollTop = top + list.height + head - grid.clientHeight;
  }
  draw();
  if (!$('detail').hidden) detail.show(list.active);
}

function open(record) {
  list.active = record.id;
  draw();
  detail.show(record.id, { isOpened: true });
}

grid.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const page = Math.max(1, Math.floor(grid.clientHeight / list.height) - 2);
  const at = activeAt();
  const moves = { ArrowDown: at + 1, ArrowUp: Math.max(at, 0) - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: Infinity };
  moves.j = moves.ArrowDown;
  moves.k = moves.ArrowUp;
  if (event.key in moves) activate(moves[event.key]);
  else if (event.key === 'Enter' || event.key === ' ') {
    if (at < 0) activate(0);
    if (list.active !== null) open(store.byId.get(list.active));
  } else return;
  event.preventDefault();
});

grid.addEventListener('scroll', () => (tellFresh(), drawSoon()), { passive: true });
grid.addEventListener('focus', () => {
  if (list.active === null && store.shown.length && grid.matches(':focus-visible')) activate(0);
});
$('fresh').addEventListener('click', () => {
  grid.scrollTop = 0;
  grid.focus();
});

// A narrow list has two lines a row.
new ResizeObserver(([{ contentRect }]) => {
  const isNarrow = contentRect.width < 560;
  grid.classList.toggle('narrow', isNarrow);
  grid.classList.toggle('middle', contentRect.width < 860);
  list.height = isNarrow ? 52 : 30;
  draw();
}).observe(grid);
