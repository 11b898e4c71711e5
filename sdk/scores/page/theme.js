// Light or dark: as the system has it, until somebody chooses.

const KEY = "netcord.theme";
const THEMES = ["system", "light", "dark"];

/** What is remembered; a browser may not let a page remember anything. */
export const memory = {
  get(key) {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  },
  set(key, value) {
    try {
      if (value === null) {
        localStorage.removeItem(key);
      } else {
        localStorage.setItem(key, value);
      }
    } catch {
      // It is forgotten with the page.
    }
  },
};

/** Lets a button change it. */
export function themes(button) {
  let theme = THEMES.includes(memory.get(KEY)) ? memory.get(KEY) : "system";
  const show = () => {
    document.documentElement.dataset.theme = theme;
    button.textContent = { system: "Theme: system", light: "Theme: light", dark: "Theme: dark" }[theme];
  };
  button.addEventListener("click", () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    memory.set(KEY, theme);
    show();
  });
  show();
}
