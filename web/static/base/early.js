// Runs before the first paint: language and colours as chosen, so that nothing flickers.
(() => {
  const kept = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  };
  const root = document.documentElement;
  const lang = kept("madoguchi.lang");
  if (lang === "en") root.lang = "en";
  const theme = kept("madoguchi.theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
})();
