// Elements made of data: texts are only ever set as texts, whatever a request holds.
const $ = (id) => document.getElementById(id);

// An element: its name, its properties (those with a dash, `role` and `for` as attributes), what is in it.
function h(name, properties, ...inside) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties ?? {})) {
    if (value === undefined || value === null) continue;
    if (key === 'class') element.className = value;
    else if (key.includes('-') || key === 'role') element.setAttribute(key, value);
    else element[key] = value;
  }
  element.append(...inside.flat().filter((part) => part !== undefined && part !== null && part !== false));
  return element;
}

// A text in which backticks stand around code.
function prose(text) {
  const parts = text.split('`');
  // An odd number of backticks would make code of what is not.
  if (parts.length % 2 === 0) return [text];
  // A pointer to all of a document is an empty text.
  return parts.map((part, at) => (at % 2 ? h('code', null, part || '/') : part)).filter((part) => part !== '');
}

const SIGN = { error: '✗', warning: '▲', note: 'ℹ' };
const RANK = { error: 3, warning: 2, note: 1 };

// How bad something is, as a sign in its colour and as a word for those who see neither.
function mark(severity) {
  return h('span', { class: `mark ${severity}`, title: severity }, SIGN[severity], h('span', { class: 'unseen' }, ` ${severity} `));
}

function plural(count, word) {
  return `${count.toLocaleString('en')} ${word}${count === 1 ? '' : 's'}`;
}

// Asks the control interface; what it refuses is an error that says why.
async function ask(path, options) {
  const answer = await fetch(base + path, options);
  if (answer.ok) return answer.status === 204 ? undefined : answer.json();
  const problem = await answer.json().catch(() => ({}));
  throw new Error(problem.detail || `the answer was ${answer.status}`);
}

function post(path, value, headers) {
  const type = { 'content-type': 'application/json' };
  return ask(path, { method: 'POST', headers: { ...type, ...headers }, body: JSON.stringify(value) });
}

// Tells something to whoever listens to the page.
function say(text) {
  $('said').textContent = text;
}

async function copy(text, button) {
  const before = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = 'Copied';
  } catch {
    button.textContent = 'Not allowed';
  }
  setTimeout(() => (button.textContent = before), 1500);
}
