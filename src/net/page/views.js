// The documents with their findings, and the sandboxes where there are any.
const documents = { held: [] };

documents.load = async () => {
  documents.held = await ask('documents');
  offer('operation', documents.held.flatMap(({ operations }) => operations.map(({ id }) => id)));
  documents.draw();
  drawBroken();
  drawEmpty();
};

documents.draw = () => {
  const counts = new Map();
  for (const { operation } of store.all) if (operation) counts.set(operation, (counts.get(operation) ?? 0) + 1);
  $('documents').replaceChildren(h('h1', null, 'Documents'), ...documents.held.map((one) => card(one, counts)));
};

// While requests come, how many there were of each operation is told once a second.
documents.drawLater = () => {
  documents.later ??= setTimeout(() => {
    documents.later = undefined;
    if (!$('documents').contains(document.activeElement)) documents.draw();
  }, 1_000);
};

function card({ name, title, operations, findings, refused }, counts) {
  const worst = [...findings].sort((a, b) => RANK[b.severity] - RANK[a.severity]);
  return h(
    'article',
    null,
    h(
      'header',
      null,
      h('h2', null, title),
      h('p', null, h('code', null, name), ` · ${plural(operations.length, 'operation')} · ${plural(findings.length, 'finding')} · `,
        h('a', { href: `${base}docs/?urls.primaryName=${encodeURIComponent(name)}` }, 'Swagger UI')),
    ),
    refused && h('div', { class: 'refused' }, h('p', null, mark('error'), h('b', null, 'The newest version is broken; this is the last good one.')), refused.findings.map(finding)),
    worst.map(finding),
    h(
      'details',
      { open: operations.length <= 12 },
      h('summary', null, plural(operations.length, 'operation')),
      h(
        'ul',
        { class: 'operations' },
        operations.map(({ id, method, path, summary }) =>
          h(
            'li',
            null,
            h('span', { class: 'method' }, method),
            h('span', { class: 'target' }, path),
            h('span', { class: 'summary' }, summary),
            counts.get(id)
              ? h('button', { type: 'button', 'aria-label': `${plural(counts.get(id), 'request')} of ${id}`, onclick: () => only('operation', id) }, plural(counts.get(id), 'request'))
              : h('span', { class: 'none' }, 'not asked yet'),
          ),
        ),
      ),
    ),
  );
}

// A version that cannot be served is told above every view.
function drawBroken() {
  const broken = documents.held.filter(({ refused }) => refused);
  $('broken').hidden = !broken.length;
  $('broken').replaceChildren(
    ...broken.map(({ name, refused }) =>
      h('p', null, mark('error'), h('b', null, name), ' is broken, the last good version is served: ', ...prose(refused.findings[0]?.message ?? ''),
        ' ', h('a', { href: '#documents' }, 'all findings')),
    ),
  );
}

// What to do where nothing was asked yet.
function drawEmpty() {
  const isEmpty = store.shown.length === 0;
  $('empty').hidden = !isEmpty;
  if (!isEmpty) return;
  if (store.all.length) {
    $('empty').replaceChildren(h('p', { class: 'large' }, 'Nothing fits the filter.'), h('p', null, `${plural(store.all.length, 'request')} are hidden by it.`));
    return;
  }
  const operations = documents.held.flatMap(({ operations }) => operations);
  const first = operations.find(({ method, path }) => method === 'GET' && !path.includes('{')) ?? operations[0];
  const method = first && first.method !== 'GET' ? ` -X ${first.method}` : '';
  const line = first && `curl -i${method} ${location.origin}${first.path}`;
  const button = line && h('button', { type: 'button' }, 'Copy');
  button?.addEventListener('click', () => copy(line, button));
  $('empty').replaceChildren(
    h('p', { class: 'large' }, 'No requests yet'),
    h('p', null, 'Each one appears here as it is answered, with what was wrong with it and why it was answered so.'),
    ...(line ? [h('p', { class: 'try' }, h('code', null, line), button)] : []),
  );
}

const boxes = { isThere: false };

boxes.load = async () => {
  if (!boxes.isThere) return;
  const { sandboxes, most, dropped } = await ask('sandboxes');
  const gone = dropped ? ` ${dropped.toLocaleString('en')} had to go.` : '';
  $('sandboxes').replaceChildren(
    h('h1', null, 'Sandboxes'),
    h('p', { class: 'lead' }, 'Each has its own clock, seed and journal. A request names one in the header field ', h('code', null, 'Standin-Sandbox'),
      `; it is made when it is first named. There may be ${most.toLocaleString('en')}; the one that was not used for longest goes first.${gone}`),
    h('ul', { class: 'boxes' }, sandboxes.map(box)),
  );
};

function box({ name, clock, seed, requests, used }) {
  const fact = (what, value) => h('span', null, h('span', { class: 'name' }, what), ` ${value}`);
  const shown = (time) => time.replace('T', ' ').replace(/\.\d+Z$/, '');
  return h(
    'li',
    null,
    h('b', null, name),
    h('span', { class: 'facts' }, fact('clock', `${shown(clock.now)}${clock.frozen ? ', stopped' : ''}`), fact('seed', seed), fact('requests', requests), fact('last used', shown(used))),
    h('button', { type: 'button', 'aria-label': `Show its requests: ${name}`, onclick: () => only('sandbox', name) }, 'Show its requests'),
  );
}
