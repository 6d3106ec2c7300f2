// A gallery that can be searched, where scripts run.
const box = document.getElementById("figure-search");
if (box) {
  const entries = [...document.querySelectorAll("section:has(> .figure-card)")];
  const texts = entries.map((entry) => entry.textContent.toLowerCase());
  const said = box.parentElement.querySelector("output");
  box.parentElement.hidden = false;
  box.addEventListener("input", () => {
    const words = box.value.toLowerCase().split(/\s+/);
    entries.forEach((entry, place) => { entry.hidden = !words.every((word) => texts[place].includes(word)); });
    const shown = entries.filter((entry) => !entry.hidden).length;
    said.textContent = `${shown} of ${entries.length} figures`;
  });
}
