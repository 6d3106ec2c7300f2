// Draws every explorer of this document. It computes nothing: it looks up the row that the sliders point at.
(() => {
  const PUBLIC = "https://cdn.jsdelivr.net/npm/vega@6.4.0/build/vega.min.js";
  const INTEGRITY = "sha384-VKdcJr3ZaBIJMbVcopTAI/JEuUkSY6qnwVu9iLuw0DnQ9gQ1JjsfZJhXFQAgNi430";
  const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
  const FRAME = 120;

  // The website serves Vega itself; a notebook elsewhere has no website around it.
  const load = () => window.mamllibVega ??= new Promise((resolve, reject) => {
    const root = document.documentElement.dataset.content_root;
    const script = document.createElement("script");
    if (root === undefined) Object.assign(script, {crossOrigin: "anonymous", integrity: INTEGRITY});
    script.src = root === undefined ? PUBLIC : `${root}_static/vega.min.js`;
    script.onload = () => resolve(window.vega);
    script.onerror = () => reject(new Error(`no Vega at ${script.src}`));
    document.head.append(script);
  });

  const superscript = (power) => String(power).replace("-", "⁻").replace(/\d/g, (digit) => SUPERSCRIPTS[digit]);

  const text = (value) => {
    if (typeof value === "string") return value;
    const [mantissa, power] = value.toExponential().split("e").map(Number);
    const plain = value === 0 || (power >= -4 && power < 4);
    return (plain ? String(value) : `${mantissa}·10${superscript(power)}`).replace("-", "−");
  };

  const draw = (root, known, vega) => {
    const inputs = [...root.querySelectorAll("input")];
    const cursor = inputs.at(-1);
    const said = root.querySelector(".explorer-said");
    const chart = root.querySelector(".explorer-chart");
    const button = root.querySelector("button");
    const view = new vega.View(vega.parse(known.chart), {renderer: "svg", container: chart});
    let timer = null;

    const update = () => {
      const places = inputs.map((input) => Number(input.value));
      const row = places.slice(0, -1);
      const here = places.at(-1);
      const column = (name) => row.reduce((part, place) => part[place], known.columns[name]);
      const drawn = {line: [], points: [], mark: [], here: []};
      for (const {x, y, kind} of known.series) {
        const xs = x === null ? known.sliders.at(-1).values : column(x);
        const all = column(y).map((value, place) => ({s: y, x: xs[place], y: value}));
        drawn[kind].push(...all);
        drawn.here.push(all[here]);
      }
      const words = Object.fromEntries(known.sliders.map(({symbol, texts}, place) => [symbol, texts[places[place]]]));
      said.textContent = known.sentence.replace(/\{(.+?)\}/g, (_, name) => words[name] ?? text(column(name)[here]));
      inputs.forEach((input, place) => {
        const value = known.sliders[place].texts[places[place]];
        input.setAttribute("aria-valuetext", value);
        input.nextElementSibling.textContent = value;
      });
      return view.data("lines", drawn.line).data("points", drawn.points).data("here", drawn.here).runAsync();
    };

    const stop = () => {
      clearInterval(timer);
      timer = null;
      button.textContent = "Play";
      said.setAttribute("aria-live", "polite");
    };
    const step = () => {
      cursor.value = Number(cursor.value) + 1;
      if (cursor.value === cursor.max) stop();
      update();
    };
    const play = () => {
      if (cursor.value === cursor.max) cursor.value = 0;
      button.textContent = "Pause";
      said.setAttribute("aria-live", "off");
      timer = setInterval(step, FRAME);
    };
    const drop = (where) => {
      const distances = known.sliders[known.dropped].values.map((value) => Math.abs(value - where));
      stop();
      inputs[known.dropped].value = distances.indexOf(Math.min(...distances));
      const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
      cursor.value = still ? cursor.max : 0;
      update();
      if (!still) play();
    };

    inputs.forEach((input) => input.addEventListener("input", () => { if (timer) stop(); update(); }));
    if (button) {
      button.addEventListener("click", () => { if (timer) stop(); else play(); });
      view.addSignalListener("drop", (_, where) => { if (where !== null) setTimeout(drop, 0, where); });
    }
    view.data("backdrop", known.backdrop[0].map((x, place) => ({x, y: known.backdrop[1][place]})));
    root.explorer = {view, update};
    return update().then(() => {
      root.querySelector("img").hidden = true;
      root.querySelector(".explorer-sliders").hidden = false;
      root.dataset.live = "";
      new ResizeObserver(() => view.width(chart.clientWidth).runAsync()).observe(chart);
    });
  };

  const start = (root) => {
    root.dataset.started = "";
    root.addEventListener("keydown", (event) => event.stopPropagation());  // arrow keys are the sliders', not a notebook's
    const known = JSON.parse(root.querySelector("script[type='application/json']").textContent);
    load().then((vega) => draw(root, known, vega)).catch((error) => console.warn(`The picture stays: ${error}`));
  };

  // A notebook runs an output's script before the output is in the document.
  setTimeout(() => document.querySelectorAll(".explorer:not([data-started])").forEach(start));
})();
