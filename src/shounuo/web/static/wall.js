// The wall, helped along: what is typed sifts the tiles at once. Without this file the form does the same on the server.
"use strict";
(() => {
  const field = document.getElementById("q");
  const found = document.querySelector(".found");
  const nothing = document.querySelector(".nothing");
  if (!field || !found || !nothing || field.value) return; // a search made on the server stays as it was made

  const chapters = [...document.querySelectorAll(".chapter")].map((chapter) => ({
    chapter,
    tiles: [...chapter.querySelectorAll(".tile")].map((tile) => ({ tile, text: tile.textContent.toLowerCase() })),
  }));

  function sift() {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const { chapter, tiles } of chapters) {
      let here = 0;
      for (const { tile, text } of tiles) {
        tile.hidden = !words.every((word) => text.includes(word));
        here += tile.hidden ? 0 : 1;
      }
      chapter.hidden = here === 0;
      shown += here;
    }
    nothing.hidden = shown > 0;
    found.firstChild.textContent = found.dataset.found.replace("{n}", shown);
  }

  field.addEventListener("input", sift);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && field.value) { field.value = ""; sift(); }
  });
  window.addEventListener("pageshow", () => { if (field.value) sift(); });
})();
