// The proof explorer: filters, a list that draws the rows in view alone, one proof or two side by side, and the graph
// of what the answer rests on. The address's fragment holds the whole view, so a link leads back to it.
// Text that a model wrote is put into the page by textContent and createTextNode, never as HTML.
"use strict";

(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const texts = data.texts;
  const ROW_PIXELS = 46;
  const ROWS_BEYOND = 6; // drawn above and below what is in view
  const MAX_CHIPS = 24; // traces of a problem that its proof links to
  const MAX_OPTION_NAMES = 30; // a bit each; rarer names share the last
  const SVG = "http://www.w3.org/2000/svg";
  const FILTERS = ["q", "set", "policy", "depth", "label", "verdict", "reason", "option"];
  const VERDICTS = {
    valid: "valid proof",
    invalid: "not a valid proof",
    lucky: "right, not valid",
    wrong: "wrong answer",
  };

  const at = (id) => document.getElementById(id);
  const form = at("filters");
  const list = at("list");
  const rows = at("rows");

  // The rows of the data, by name. `Explorer` in explorer.py says what each holds.
  const problems = data.problems.map(([premises, conclusion, label, hops]) => ({
    premises, conclusion, label, hops, traces: [],
  }));
  const traces = data.traces.map(([problem, group, id, answer, right, valid, hidden, needed, steps], number) => {
    problems[problem].traces.push(number);
    return { problem, group, id, answer, right, valid, hidden, needed, steps };
  });
  const groups = data.groups.map(([set, policy]) => ({ set, policy }));

  const optionNames = commonestOptionNames();
  const reasonBits = new Uint32Array(traces.length);
  const optionBits = new Uint32Array(traces.length);
  traces.forEach((trace, number) => {
    for (const step of trace.steps) {
      if (step[4] >= 0) reasonBits[number] |= 1 << step[4];
      optionBits[number] |= 1 << optionPlace(step[2]);
    }
  });

  function optionName(text) {
    return text < 0 ? "(not readable)" : texts[text].split("(", 1)[0];
  }

  function commonestOptionNames() {
    const counts = new Map();
    for (const trace of traces) {
      for (const step of trace.steps) {
        const name = optionName(step[2]);
        counts.set(name, (counts.get(name) || 0) + 1);
      }
    }
    const names = [...counts].sort((a, b) => b[1] - a[1]).slice(0, MAX_OPTION_NAMES).map(([name]) => name);
    const known = new Map(names.map((name, place) => [name, place]));
    return { names, known, others: counts.size > names.length };
  }

  function optionPlace(text) {
    return optionNames.known.get(optionName(text)) ?? MAX_OPTION_NAMES;
  }

  // An element with properties, attributes (those with a dash, role, title) and children. Strings become text.
  function make(tag, properties = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
      if (name.includes("-") || name === "role") element.setAttribute(name, value);
      else element[name] = value;
    }
    element.append(...children.filter((child) => child !== null));
    return element;
  }

  // ---- The view that the fragment holds

  let view = readFragment();
  let shown = null; // numbers of the traces that pass the filters; null until these are first applied

  function readFragment() {
    const [place, query = ""] = location.hash.slice(1).split("?");
    const values = new URLSearchParams(query);
    const found = { place: place === "proofs" ? "proofs" : "report" };
    for (const name of FILTERS) found[name] = values.get(name) || "";
    found.trace = traceNumber(values.get("trace"));
    found.beside = traceNumber(values.get("beside"));
    return found;
  }

  function traceNumber(text) {
    const number = text === null || !/^\d+$/.test(text) ? -1 : Number(text);
    return number < traces.length ? number : -1;
  }

  function fragment(changes) {
    const next = { ...view, ...changes };
    const values = new URLSearchParams();
    for (const name of FILTERS) if (next[name]) values.set(name, next[name]);
    if (next.trace >= 0) values.set("trace", next.trace);
    if (next.beside >= 0) values.set("beside", next.beside);
    return `#proofs${values.size ? `?${values}` : ""}`;
  }

  // Goes to a view: as a new entry of the history, or in place of the present one (while typing, with arrow keys).
  function go(changes, inPlace = false) {
    const address = fragment(changes);
    if (inPlace || address === location.hash) history.replaceState(null, "", address);
    else history.pushState(null, "", address);
    show();
  }

  function show() {
    const before = view;
    view = readFragment();
    document.body.dataset.view = view.place;
    for (const link of document.querySelectorAll(".top nav a")) {
      const here = view.place === "proofs" ? link.hash === "#proofs" : link.hash === location.hash;
      if (here) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    if (view.place !== "proofs") return;
    const filtersChanged = shown === null || FILTERS.some((name) => before[name] !== view[name]);
    if (filtersChanged) applyFilters();
    if (view.trace < 0 && shown.length) view.trace = shown[0];
    drawList(filtersChanged || before.trace !== view.trace);
    drawProof();
  }

  // ---- Filters

  function fillSelect(name, all, options) {
    const select = form.elements[name];
    select.append(make("option", { value: "", textContent: all }));
    for (const [value, text] of options) select.append(make("option", { value, textContent: text }));
    select.closest("label").hidden = options.length < 2 && name === "set";
  }

  function fillFilters() {
    const same = (values) => [...new Set(values)].map((value) => [value, value]);
    const depths = [...new Set(problems.map((problem) => problem.hops))].sort((a, b) => a - b);
    const labels = [...new Set(problems.map((problem) => problem.label))].sort((a, b) => a - b);
    let reasonsSeen = 0;
    reasonBits.forEach((bits) => { reasonsSeen |= bits; });
    fillSelect("set", "all", same(groups.map((group) => group.set)));
    fillSelect("policy", "all", same(groups.map((group) => group.policy)));
    fillSelect("depth", "all", depths.map((depth) => [String(depth), depth < 0 ? "not stated" : counted(depth, "hop")]));
    fillSelect("label", "all", labels.map((label) => [String(label), label < 0 ? "none" : data.answers[label]]));
    fillSelect("verdict", "all", Object.entries(VERDICTS));
    fillSelect("reason", "any", data.reasons.map((reason, place) => [String(place), reason])
      .filter((_, place) => reasonsSeen & (1 << place)));
    const options = optionNames.names.map((name, place) => [String(place), name]);
    if (optionNames.others) options.push([String(MAX_OPTION_NAMES), "another"]);
    fillSelect("option", "any", options);
  }

  function applyFilters() {
    for (const name of FILTERS) if (form.elements[name].value !== view[name]) form.elements[name].value = view[name];
    const wanted = view.q.trim().toLowerCase();
    const hit = wanted ? textsWith(wanted) : null;
    const inGroup = groups.map((group) => (!view.set || group.set === view.set)
      && (!view.policy || group.policy === view.policy));
    const ofProblem = problems.map((problem) => (!view.depth || problem.hops === Number(view.depth))
      && (!view.label || problem.label === Number(view.label)));
    const found = hit && problems.map((problem) => hit[problem.conclusion]
      || problem.premises.some((premise) => hit[premise]));
    const reason = view.reason ? 1 << Number(view.reason) : 0;
    const option = view.option ? 1 << Number(view.option) : 0;
    shown = [];
    for (let number = 0; number < traces.length; number++) {
      const trace = traces[number];
      if (inGroup[trace.group] && ofProblem[trace.problem] && hasVerdict(trace)
        && (!reason || reasonBits[number] & reason) && (!option || optionBits[number] & option)
        && (!hit || hit[trace.id] || found[trace.problem] || trace.steps.some((step) => hit[step[0]] || (step[2] >= 0 && hit[step[2]])))) {
        shown.push(number);
      }
    }
    at("count").textContent = `${shown.length.toLocaleString("en")} of ${traces.length.toLocaleString("en")} traces`;
    at("reset").hidden = FILTERS.every((name) => !view[name]);
    list.scrollTop = 0;
  }

  function textsWith(wanted) {
    const hit = new Uint8Array(texts.length);
    for (let number = 0; number < texts.length; number++) {
      if (texts[number].toLowerCase().includes(wanted)) hit[number] = 1;
    }
    return hit;
  }

  function hasVerdict(trace) {
    switch (view.verdict) {
      case "valid": return trace.valid === 1;
      case "invalid": return trace.valid === 0;
      case "lucky": return trace.valid === 0 && trace.right === 1;
      case "wrong": return trace.right === 0;
      default: return true;
    }
  }

  // ---- The list

  function drawList(scroll) {
    rows.style.height = `${shown.length * ROW_PIXELS}px`;
    const place = shown.indexOf(view.trace);
    if (scroll && place >= 0) {
      const top = place * ROW_PIXELS;
      if (top < list.scrollTop) list.scrollTop = top;
      else if (top + ROW_PIXELS > list.scrollTop + list.clientHeight) list.scrollTop = top + ROW_PIXELS - list.clientHeight;
    }
    drawRows();
  }

  function drawRows() {
    const first = Math.max(0, Math.floor(list.scrollTop / ROW_PIXELS) - ROWS_BEYOND);
    const last = Math.min(shown.length, Math.ceil((list.scrollTop + list.clientHeight) / ROW_PIXELS) + ROWS_BEYOND);
    const drawn = [];
    for (let place = first; place < last; place++) drawn.push(row(place));
    rows.replaceChildren(...drawn);
    const chosen = rows.querySelector("[aria-selected=true]");
    if (chosen) list.setAttribute("aria-activedescendant", chosen.id);
    else list.removeAttribute("aria-activedescendant");
  }

  function row(place) {
    const number = shown[place];
    const trace = traces[number];
    const problem = problems[trace.problem];
    const rejected = trace.steps.find((step) => step[4] >= 0);
    const facts = [groups[trace.group].policy];
    if (problem.hops >= 0) facts.push(counted(problem.hops, "hop"));
    facts.push(answerText(trace));
    if (rejected) facts.push(data.reasons[rejected[4]]);
    const element = make("div",
      {
        className: trace.valid ? "row" : "row bad", id: `row-${number}`, role: "option",
        "aria-selected": String(number === view.trace), "aria-setsize": shown.length, "aria-posinset": place + 1,
      },
      make("span", { className: "mark", textContent: trace.valid ? "✓" : "✗", "aria-label": trace.valid ? "valid" : "not valid", role: "img" }),
      make("bdi", { textContent: texts[trace.id].split("/").pop(), title: texts[trace.id] }),
      make("span", { textContent: counted(trace.steps.length + trace.hidden, "step") }),
      make("bdi", { className: "under", textContent: facts.join(" · ") }));
    element.style.top = `${place * ROW_PIXELS}px`;
    element.addEventListener("click", () => go({ trace: number, beside: -1 }));
    return element;
  }

  function counted(count, noun) {
    return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
  }

  function answerText(trace) {
    const said = trace.answer < 0 ? "no answer" : data.answers[trace.answer];
    const label = problems[trace.problem].label;
    return trace.right === 0 ? `${said}, label ${data.answers[label]}` : said;
  }

  function moveInList(event) {
    const page = Math.max(1, Math.floor(list.clientHeight / ROW_PIXELS) - 1);
    const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (!(event.key in moves) || !shown.length) return;
    event.preventDefault();
    const place = Math.min(shown.length - 1, Math.max(0, shown.indexOf(view.trace) + moves[event.key]));
    go({ trace: shown[place], beside: -1 }, true);
  }

  // ---- A proof

  function drawProof() {
    const pane = at("proof");
    if (view.trace < 0) {
      pane.replaceChildren(make("p", { className: "empty", textContent: "No trace passes these filters." }));
      return;
    }
    const trace = traces[view.trace];
    const problem = problems[trace.problem];
    const other = view.beside >= 0 && traces[view.beside].problem === trace.problem ? traces[view.beside] : null;
    const difference = other ? firstDifference(trace, other) : -1;
    const cited = new Set([trace, other].filter(Boolean).flatMap((one) => one.steps.flatMap((step) => step[6])));
    const names = other ? new Map(namedTraces(problem)) : new Map();
    const sheet = make("div", { className: other ? "sheet two" : "sheet" },
      premiseColumn(problem, cited), proofColumn(trace, difference, names.get(view.trace)),
      other && proofColumn(other, difference, names.get(view.beside)));
    pane.replaceChildren(head(trace, problem), chips(problem), sheet, graph(trace, problem));
    lightUp(pane);
  }

  function head(trace, problem) {
    const verdict = trace.valid ? "valid proof" : "not a valid proof";
    const facts = [groups[trace.group].policy];
    if (new Set(groups.map((group) => group.set)).size > 1) facts.unshift(groups[trace.group].set);
    if (problem.hops >= 0) facts.push(counted(problem.hops, "hop"));
    return make("header", { className: "proof-head" },
      make("h2", {}, make("bdi", { textContent: texts[trace.id] })),
      make("span", { textContent: facts.join(" · ") }),
      make("span", { textContent: `answer ${answerText(trace)}` }),
      make("span", { className: trace.valid ? "verdict" : "verdict bad", textContent: verdict }),
      make("a", { href: fragment({ trace: view.trace }), textContent: "link to this view" }));
  }

  // The other traces of the problem: a link to each, and which one stands beside.
  function chips(problem) {
    const line = make("nav", { className: "chips", "aria-label": "Traces of this problem" });
    const select = make("select", {}, make("option", { value: "-1", textContent: "nothing" }));
    for (const [number, name] of namedTraces(problem)) {
      const valid = traces[number].valid;
      const link = make("a", { href: fragment({ trace: number, beside: -1 }) },
        make("span", { className: valid ? "mark" : "mark bad", textContent: valid ? "✓" : "✗", role: "img", "aria-label": valid ? "valid" : "not valid" }),
        ` ${name}`);
      if (number === view.trace) link.setAttribute("aria-current", "true");
      else select.append(make("option", { value: String(number), textContent: name }));
      line.append(link);
    }
    if (problem.traces.length > MAX_CHIPS) line.append(`of ${counted(problem.traces.length, "trace")}`);
    if (problem.traces.length > 1) {
      select.value = String(view.beside);
      select.id = "beside";
      select.addEventListener("change", () => go({ beside: Number(select.value), trace: view.trace }));
      line.append(make("label", {}, "beside it ", select));
    }
    return line;
  }

  // The first traces of a problem, and those that are shown, each with its policy; several of one policy are numbered.
  function namedTraces(problem) {
    const totals = new Map();
    for (const number of problem.traces) {
      const group = traces[number].group;
      totals.set(group, (totals.get(group) || 0) + 1);
    }
    const seen = new Map();
    const named = [];
    problem.traces.forEach((number, place) => {
      const group = traces[number].group;
      seen.set(group, (seen.get(group) || 0) + 1);
      if (place >= MAX_CHIPS && number !== view.trace && number !== view.beside) return;
      named.push([number, groups[group].policy + (totals.get(group) > 1 ? ` ${seen.get(group)}` : "")]);
    });
    return named;
  }

  function firstDifference(one, other) {
    const count = Math.max(one.steps.length, other.steps.length);
    for (let place = 0; place < count; place++) {
      const a = one.steps[place];
      const b = other.steps[place];
      if (!a || !b || a[0] !== b[0] || a[2] !== b[2]) return place;
    }
    return -1;
  }

  function lineElement(index, className, properties = {}) {
    return make("li", { className: `line ${className}`, "data-line": index, ...properties },
      make("span", { className: "index", textContent: `[${index}]` }));
  }

  function premiseColumn(problem, cited) {
    const lines = make("ol", { className: "lines" });
    problem.premises.forEach((premise, index) => {
      const line = lineElement(index, cited.has(index) ? "" : "unused");
      line.append(make("bdi", { textContent: texts[premise] }));
      lines.append(line);
    });
    const goal = make("p", { className: "goal" }, make("span", { textContent: "to evaluate" }),
      make("bdi", { textContent: texts[problem.conclusion] }));
    return make("section", { className: "premises" }, make("h3", { textContent: "Premises" }), lines, goal);
  }

  function proofColumn(trace, difference, name) {
    const premises = problems[trace.problem].premises.length;
    const lines = make("ol", { className: "lines" });
    trace.steps.forEach((step, place) => {
      const line = stepLine(step, premises + place);
      if (place === difference) line.classList.add("first-difference");
      lines.append(line);
    });
    const title = name ? `${name}: ${trace.valid ? "valid" : "not valid"}` : "Proof";
    const column = make("section", { className: "proof" }, make("h3", { textContent: title }), lines);
    if (!trace.steps.length) column.append(make("p", { className: "note", textContent: "Nothing was written." }));
    if (difference >= trace.steps.length) column.append(make("p", { className: "note", textContent: "It ends here: first difference." }));
    if (trace.hidden) column.append(make("p", { className: "note", textContent: `${counted(trace.hidden, "more step")}, not shown.` }));
    return column;
  }

  function stepLine(step, index) {
    const [thought, claim, option, derived, reason, explanation, lines, role, probability] = step;
    const valid = reason < 0;
    const line = lineElement(index, valid ? "step" : "step bad", { tabIndex: 0, "data-cites": lines.join(" ") });
    const text = texts[thought];
    const sentence = make("bdi", {}, claim < 0 ? text : text.slice(0, claim));
    if (claim >= 0) sentence.append(make("b", { textContent: text.slice(claim), title: "the claim" }));
    const action = make("p", { className: "option" },
      make("code", { textContent: option < 0 ? "no action that can be read" : texts[option] }),
      valid ? ` ${data.roles[role]}` : null,
      lines.length ? make("span", { className: "hidden", textContent: `, rests on ${lines.map((one) => `[${one}]`).join(", ")}` }) : null);
    const written = make("div", { className: "written" }, make("p", { className: "thought" }, sentence), action);
    if (!valid) {
      written.append(make("p", { className: "why" }, make("b", { textContent: `${data.reasons[reason]}: ` }),
        make("bdi", { textContent: texts[explanation] })));
    }
    line.append(
      make("span", { className: "mark", textContent: valid ? "✓" : "✗", role: "img", "aria-label": valid ? "valid" : "not valid" }),
      written);
    const aside = make("div", { className: "derived" });
    if (derived >= 0) aside.append(make("span", { textContent: "derives" }), make("bdi", { textContent: texts[derived] }));
    if (probability >= 0) aside.append(gauge(probability));
    if (aside.childNodes.length) line.append(aside);
    return line;
  }

  function gauge(probability) {
    const bar = make("b");
    bar.style.width = `${probability}%`;
    return make("div", {}, make("span", { className: "gauge", title: "the success head's probability that the step is valid" },
      make("i", { "aria-hidden": "true" }, bar), `q̂ ${probability.toFixed(0)} %`));
  }

  // A step that is pointed at or in focus lights up the lines that it rests on, in its own column and in the graph.
  function lightUp(pane) {
    const clear = () => pane.querySelectorAll(".lit").forEach((one) => one.classList.remove("lit"));
    const light = (event) => {
      const from = event.target.closest("[data-cites]");
      clear();
      if (!from || !pane.contains(from)) return;
      const column = from.closest(".proof, .graph");
      const places = [pane.querySelector(".premises"), column, column.matches(".graph") ? pane.querySelector(".proof") : pane.querySelector(".graph")];
      const own = from.dataset.line;
      const lines = new Set(from.dataset.cites.split(" ").filter(Boolean));
      if (column.matches(".graph")) lines.add(own);
      for (const place of places.filter(Boolean)) {
        for (const one of place.querySelectorAll("[data-line]")) {
          if (lines.has(one.dataset.line)) one.classList.add("lit");
        }
      }
    };
    pane.onmouseover = light;
    pane.onfocusin = light;
    pane.addEventListener("focusin", light);
    pane.onmouseleave = clear;
  }

  // ---- What the answer rests on, as a graph: a line stands below every line that it rests on.

  function graph(trace, problem) {
    const figure = make("figure", { className: "graph" });
    const count = problem.premises.length;
    const needed = new Set(trace.needed || []);
    const nodes = new Map();
    const node = (index) => {
      if (!nodes.has(index)) nodes.set(index, { index, rests: [], layer: 0 });
      return nodes.get(index);
    };
    trace.steps.forEach((step, place) => {
      const here = node(count + place);
      here.step = step;
      here.rests = step[6].filter((line) => line < count + place);
      for (const line of here.rests) here.layer = Math.max(here.layer, node(line).layer + 1);
      here.layer = Math.max(here.layer, 1);
    });
    const concluded = trace.steps.findIndex((step) => step[4] < 0 && optionName(step[2]) === "CONCLUDE");
    if (concluded >= 0) needed.add(count + concluded);
    figure.append(make("figcaption", {}, make("h2", { textContent: "What the answer rests on" }),
      make("p", { className: "note", textContent: restsText(trace, needed, count) })));
    if (trace.steps.length) figure.append(drawGraph([...nodes.values()], needed, trace, problem));
    return figure;
  }

  function restsText(trace, needed, count) {
    if (!trace.needed) {
      return trace.valid ? "UNKNOWN rests on no line: the solver finds that neither the conclusion nor its negation follows."
        : "On nothing: the trace does not conclude TRUE or FALSE validly.";
    }
    const name = (lines) => lines.map((line) => `[${line}]`).join(" ") || "none";
    const lines = [...needed].sort((a, b) => a - b);
    const steps = trace.steps.length + trace.hidden;
    const part = lines.filter((line) => line >= count);
    return `Premises ${name(lines.filter((line) => line < count))}; steps ${name(part)}: ${part.length} of ${steps}.`;
  }

  function drawGraph(nodes, needed, trace, problem) {
    const depths = [...new Set(nodes.map((one) => one.layer))].sort((a, b) => a - b);
    const layers = depths.map((depth) => nodes.filter((one) => one.layer === depth));
    const [across, down, width, height] = [46, 52, 36, 22];
    const widest = Math.max(...layers.map((layer) => layer.length));
    layers.forEach((layer, depth) => {
      layer.sort((a, b) => a.index - b.index);
      layer.forEach((one, place) => {
        one.x = (place + (widest - layer.length) / 2) * across + across / 2;
        one.y = depth * down + height;
      });
    });
    const size = [widest * across, layers.length * down];
    const svg = draw("svg", { viewBox: `0 0 ${size[0]} ${size[1]}`, width: size[0], height: size[1], role: "img", "aria-label": restsText(trace, needed, problem.premises.length) });
    const byIndex = new Map(nodes.map((one) => [one.index, one]));
    for (const one of nodes) {
      for (const line of one.rests) {
        const from = byIndex.get(line);
        const bend = Math.max(14, (one.y - from.y) / 2);
        const path = `M${from.x},${from.y + height / 2}C${from.x},${from.y + height / 2 + bend} ${one.x},${one.y - height / 2 - bend} ${one.x},${one.y - height / 2}`;
        svg.append(draw("path", { d: path, class: needed.has(one.index) && needed.has(line) ? "edge needed" : "edge pale" }));
      }
    }
    for (const one of nodes) svg.append(drawNode(one, needed, problem, width, height));
    return svg;
  }

  function drawNode(one, needed, problem, width, height) {
    const premise = !one.step;
    const kind = premise ? "premise" : one.step[4] < 0 ? "" : "bad";
    const title = draw("title", {});
    title.textContent = texts[premise ? problem.premises[one.index] : one.step[0]];
    const label = draw("text", { y: 4 });
    label.textContent = String(one.index);
    const group = draw("g", {
      class: `node ${kind} ${needed.has(one.index) ? "needed" : "pale"}`,
      transform: `translate(${one.x},${one.y})`, "data-line": one.index, "data-cites": one.rests.join(" "),
    });
    group.append(draw("rect", { x: -width / 2, y: -height / 2, width, height, rx: premise ? 2 : 11 }), label, title);
    return group;
  }

  function draw(tag, attributes) {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  }

  // ---- Events

  fillFilters();
  document.querySelector(".panes").hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", (event) => {
    go({ [event.target.name]: event.target.value, trace: -1, beside: -1 }, event.target.name === "q");
  });
  at("reset").addEventListener("click", () => {
    go({ ...Object.fromEntries(FILTERS.map((name) => [name, ""])) });
    form.elements.q.focus();
  });
  list.addEventListener("keydown", moveInList);
  list.addEventListener("scroll", drawRows, { passive: true });
  addEventListener("resize", () => { if (shown !== null) drawRows(); });
  addEventListener("hashchange", show);
  addEventListener("popstate", show);
  show();
})();
