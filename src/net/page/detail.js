// Why a request was answered as it was.
const STEP = {
  route: 'Operation',
  credentials: 'Credentials',
  parameters: 'Parameters and header fields',
  body: 'Body of the request',
  wishes: 'What the caller asked for',
  answer: 'The answer',
};
// A longer body is shown without colours, which would cost the page its quickness.
const COLOURED = 64 * 1024;

const detail = { id: null, asked: null };

detail.show = async (id, { isOpened = false } = {}) => {
  const panel = $('detail');
  const isNew = detail.id !== id;
  detail.id = id;
  panel.hidden = false;
  document.body.classList.add('explaining');
  detail.asked?.abort();
  const asked = (detail.asked = new AbortController());
  try {
    const told = await ask(`requests/${id}`, { signal: asked.signal });
    panel.replaceChildren(...explanation(told));
    if (isNew) panel.scrollTop = 0;
    say(`Request ${id}: ${told.status}, ${plural(told.findings.length, 'finding')}`);
  } catch (error) {
    if (asked.signal.aborted) return;
    panel.replaceChildren(closer(), h('p', { class: 'why' }, error.message));
  }
  // On a small screen the explanation covers the list.
  if (isOpened && getComputedStyle(panel).position === 'fixed') panel.querySelector('button').focus();
};

detail.isStale = (id) => {
  if (detail.id === id) detail.show(id);
};

detail.close = () => {
  if ($('detail').hidden) return;
  const hadFocus = $('detail').contains(document.activeElement);
  $('detail').hidden = true;
  detail.id = null;
  document.body.classList.remove('explaining');
  if (hadFocus) grid.focus();
};

function closer() {
  return h('button', { type: 'button', class: 'close', 'aria-label': 'Close the explanation', onclick: detail.close }, '×');
}

function explanation(told) {
  return [
    h(
      'header',
      null,
      h('h2', null, h('span', { class: 'method' }, told.method), ' ', h('span', { class: 'target' }, told.target)),
      closer(),
      h('p', { class: 'facts' }, ...facts(told)),
    ),
    part('Why', h('p', { class: 'why' }, `Answered ${told.status}: `, ...prose(told.why || 'nobody knows why')), told.checks && checks(told)),
    ...(told.checks ? [] : told.findings.map((found) => finding(found))),
    told.declared && part('Declared', source(told.declared)),
    part('Request', message(told.request)),
    part('Response', message(told.response, told.status)),
  ].filter(Boolean);
}

function facts({ status, time, took_ms, delay_ms, seed, sandbox, id, operation, callbacks }) {
  const fact = (name, value) => h('span', null, h('span', { class: 'name' }, name), ' ', value);
  return [
    h('span', { class: 'status', 'data-class': Math.floor(status / 100) }, status),
    operation && fact('operation', h('b', null, operation)),
    fact('at', time.replace('T', ' ').replace(/(\.\d{3})\d*/, '$1')),
    fact('took', `${took_ms.toFixed(1)} ms`),
    delay_ms > 0 && fact('held back', `${delay_ms} ms`),
    fact('request', id),
    fact('sandbox', sandbox),
    fact('seed', String(seed)),
    callbacks.length > 0 && fact('callbacks', callbacks.join(', ')),
  ].filter(Boolean);
}

function part(title, ...inside) {
  return h('section', null, h('h3', null, title), ...inside.filter(Boolean));
}

const OUTCOME = { clean: ['✓', 'nothing found'], found: ['✗', 'found'], skipped: ['–', 'not looked at'] };

function checks({ checks, findings, operation, status }) {
  const told = (check) => {
    if (check.step === 'answer') return `${status}`;
    if (check.step === 'route' && operation) return operation;
    return '';
  };
  return h(
    'ol',
    { class: 'checks' },
    checks.map((check) => {
      const found = check.findings.map((at) => findings[at]);
      const worst = found.reduce((worst, { severity }) => (RANK[severity] > (RANK[worst] ?? 0) ? severity : worst), '');
      const [sign, word] = OUTCOME[check.outcome];
      const shown = worst ? mark(worst) : h('span', { class: `mark ${check.outcome}` }, sign, h('span', { class: 'unseen' }, ` ${word} `));
      return h(
        'li',
        { class: check.outcome },
        h('p', null, shown, h('span', null, STEP[check.step]), h('span', { class: 'told' }, check.outcome === 'skipped' ? word : told(check))),
        found.map(finding),
      );
    }),
  );
}

// One finding: what is, what would be right, and the lines that rule it.
function finding({ severity, code, location, message, help, at, rule }) {
  return h(
    'div',
    { class: `finding ${severity}` },
    h('p', { class: 'title' }, mark(severity), h('b', null, code), ' ', !at && h('span', { class: 'place' }, ...prose(location))),
    h('p', null, ...prose(message)),
    help && h('p', { class: 'help' }, h('span', { class: 'name', title: 'What would be right' }, '→ '), ...prose(help)),
    at && source(at),
    rule && source(rule),
  );
}

// A place in a document, with its lines where they are known.
function source({ file, pointer, line, excerpt }) {
  const name = file.replace(/^file:\/\//, '').replace(/^standin:/, '');
  const short = name.split('/').at(-1);
  return h(
    'figure',
    { class: 'source' },
    h('figcaption', { title: name }, h('b', null, line ? `${short}:${line}` : short), ' ', h('code', null, pointer || '/')),
    excerpt &&
      h(
        'pre',
        { tabIndex: 0, 'aria-label': `Lines of ${short}`, role: 'group' },
        excerpt.map(({ number, text }) =>
          h('span', { class: number === line ? 'here' : '' }, h('span', { class: 'number' }, `${number}`.padStart(4)), ` ${text}\n`),
        ),
      ),
  );
}

function message({ headers, body }, status) {
  return h(
    'div',
    { class: 'message' },
    h(
      'table',
      { 'aria-label': status ? 'Header fields of the response' : 'Header fields of the request' },
      h(
        'tbody',
        null,
        headers.map(({ name, value }) => h('tr', null, h('th', { scope: 'row' }, name), h('td', null, value))),
      ),
    ),
    content(body, headers, status ? 'Body of the response' : 'Body of the request'),
  );
}

function content({ length, state, reason, cut, text, base64 }, headers, label) {
  const notes = [];
  if (state === 'broken') notes.push(`It broke off: ${reason ?? 'nobody knows why'}.`);
  if (state === 'coming') notes.push('It is still coming, or was not read to its end.');
  if (cut) notes.push(`Only the start of ${length.toLocaleString('en')} bytes is kept.`);
  if (base64) notes.push(`${plural(length, 'byte')} that are no text, as Base64.`);
  const type = headers.find(({ name }) => name === 'content-type')?.value ?? '';
  const shown = text ?? base64;
  const pre = () => h('pre', { class: 'body', tabIndex: 0, role: 'group', 'aria-label': label }, ...coloured(shown, type));
  return h(
    'div',
    null,
    shown ? pre() : !notes.length && h('p', { class: 'none' }, 'no body'),
    notes.map((note) => h('p', { class: 'none' }, note)),
  );
}

// JSON with its parts in colours; anything else as it is.
function coloured(text, type) {
  let json = text;
  if (/json/.test(type) || /^\s*[[{]/.test(text)) {
    try {
      json = JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      return [text];
    }
  } else return [text];
  if (json.length > COLOURED) return [json];
  const parts = [];
  const token = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null)/g;
  let end = 0;
  for (const found of json.matchAll(token)) {
    parts.push(json.slice(end, found.index));
    const [all, string, colon, number] = found;
    if (string) parts.push(h('span', { class: colon ? 'key' : 'text' }, string), colon ?? '');
    else parts.push(h('span', { class: number ? 'number' : 'word' }, all));
    end = found.index + all.length;
  }
  return [...parts, json.slice(end)];
}
