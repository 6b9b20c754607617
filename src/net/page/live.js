// The page as a whole: which view is seen, what is told below it, and the keys that work everywhere.
const VIEWS = { requests: () => {}, documents: () => documents.draw(), sandboxes: () => boxes.load() };

function route() {
  const [name, rest = ''] = location.hash.slice(1).split('?');
  const view = name in VIEWS ? name : 'requests';
  for (const other of Object.keys(VIEWS)) $(other).hidden = other !== view;
  here(view);
  document.title = `${view[0].toUpperCase()}${view.slice(1)} · standin`;
  VIEWS[view]();
  const operation = new URLSearchParams(rest).get('operation');
  if (operation) only('operation', operation);
  if (view === 'requests') drawSoon();
}

store.changed = (added) => {
  grown(added);
  offerSandboxes();
  drawEmpty();
  summary();
  if (!$('documents').hidden) documents.drawLater();
};

function summary() {
  const { all, shown } = store;
  const isAll = shown.length === all.length;
  const number = (count) => count.toLocaleString('en');
  $('count').textContent = isAll ? plural(all.length, 'request') : `${number(shown.length)} of ${plural(all.length, 'request')}`;
  let errors = 0;
  for (const { severity } of all) if (severity === 'error') errors += 1;
  const verdict = errors ? ['✗ ', `${plural(errors, 'request')} with errors`] : ['✓ ', 'no request with errors'];
  $('verdict').className = errors ? 'bad' : 'good';
  $('verdict').textContent = all.length ? verdict.join('') : '';
  $('dropped').textContent = store.dropped ? `${number(store.dropped)} dropped from the journal` : '';
}

document.addEventListener('keydown', (event) => {
  const isTyping = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
  if (event.key === 'Escape' && !(isTyping && event.target.value)) detail.close();
  if (event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    location.hash = 'requests';
    $('text').focus();
  }
});
addEventListener('hashchange', route);

// Whoever opens the page sees the requests before anything else is asked for.
route();
load()
  .catch((error) => {
    $('state').className = 'lost';
    $('state-text').textContent = error.message;
  })
  .finally(drawEmpty);
documents.load().catch((error) => say(error.message));
clock.read();
control.then(({ paths }) => {
  boxes.isThere = Boolean(paths['/sandboxes']?.get);
  if (location.hash.startsWith('#sandboxes')) boxes.load();
});
