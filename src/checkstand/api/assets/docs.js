// Search, and opening what a link points to. The page works without it.
"use strict";
(() => {
  const search = document.getElementById("search");
  const found = document.getElementById("found");
  const operations = [...document.querySelectorAll("details.operation")].map((element) => ({
    element,
    link: document.querySelector(`nav li[data-of="${element.id}"]`),
    text: `${element.querySelector("summary").textContent} ${element.closest("section").querySelector("h2").textContent}`.toLowerCase(),
  }));
  const groups = document.querySelectorAll("nav section, section.tag");

  function filter() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const { element, link, text } of operations) {
      const shown = words.every((word) => text.includes(word));
      element.hidden = link.hidden = !shown;
      if (shown) count += 1;
    }
    for (const group of groups) {
      const entries = [...group.querySelectorAll("li[data-of], details.operation")];
      group.hidden = entries.length > 0 && entries.every((entry) => entry.hidden);
    }
    found.textContent = words.length ? `${count} of ${operations.length} endpoints` : "";
  }

  function openTarget() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.hidden) {
      search.value = "";
      filter();
    }
    if (target.tagName === "DETAILS") target.open = true;
    target.scrollIntoView();
  }

  search.addEventListener("input", filter);
  search.addEventListener("keydown", (event) => {
    const first = operations.find(({ element }) => !element.hidden);
    if (event.key === "Enter" && first) {
      first.element.open = true;
      first.element.scrollIntoView();
      first.element.querySelector("summary").focus();
    } else if (event.key === "Escape") {
      search.value = "";
      filter();
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && document.activeElement !== search) {
      event.preventDefault();
      search.focus();
    }
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (link && link.hash === location.hash) openTarget();
  });
  window.addEventListener("hashchange", openTarget);
  filter();
  openTarget();
})();
