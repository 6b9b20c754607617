// What stands above both pages: where one is, and light or dark.
const THEMES = ['system', 'light', 'dark'];
const SIGNS = { system: '◐', light: '☀', dark: '☾' };
const darkness = matchMedia('(prefers-color-scheme: dark)');

// A browser may forbid pages to keep anything; then the theme is forgotten with the page.
function kept() {
  try {
    return localStorage.getItem('standin-theme');
  } catch {
    return null;
  }
}

let theme = THEMES.includes(kept()) ? kept() : 'system';

function paint() {
  const isDark = theme === 'dark' || (theme === 'system' && darkness.matches);
  const root = document.documentElement;
  root.dataset.theme = isDark ? 'dark' : 'light';
  root.classList.toggle('dark-mode', isDark);
  const button = document.getElementById('theme');
  button.textContent = SIGNS[theme];
  const told = `Theme: ${theme === 'system' ? 'as the system' : theme}`;
  button.setAttribute('aria-label', told);
  button.title = told;
}

document.getElementById('theme').addEventListener('click', () => {
  theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
  try {
    localStorage.setItem('standin-theme', theme);
  } catch {
    // As above.
  }
  paint();
});
darkness.addEventListener('change', paint);
paint();

function here(page) {
  for (const link of document.querySelectorAll('.bar nav a')) {
    if (link.dataset.page === page) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
}

// Which operations the control interface has, as its own document says: none is asked for that is not there.
const base = document.body.dataset.root;
const control = fetch(`${base}openapi.json`).then((answer) => answer.json());
control.then(({ paths }) => {
  document.querySelector('[data-page="sandboxes"]').hidden = !paths['/sandboxes']?.get;
});
if (document.body.dataset.at) here(document.body.dataset.at);
