"use strict";
/* Draws #chart from #chart-data: strips over one time axis, lanes below. The library does the drawing. */
(function () {
  const data = JSON.parse(document.getElementById("chart-data").textContent);
  const box = document.getElementById("chart");
  if (!data.buckets.length && !data.lanes.length) return;
  box.hidden = false;

  const PHONE = 640;
  const MIN_LATENCY = 0.001;
  const HATCH = { symbol: "rect", rotation: -Math.PI / 4, dashArrayX: [1, 0], dashArrayY: [2, 4], symbolSize: 1 };
  let chart = null;

  function theme() {
    const style = getComputedStyle(document.documentElement);
    const read = (name) => style.getPropertyValue("--" + name).trim();
    const names = ["card", "line", "ink", "quiet", "faint", "good", "good-soft", "bad", "unknown", "unknown-soft", "error",
      "degraded", "p95", "p50", "shade", "fault", "alarm", "on-alarm", "on", "grid"];
    return Object.fromEntries(names.map((name) => [name, read(name)]));
  }

  function seconds(value) {
    if (value === null || value === undefined) return "no data";
    const size = Math.abs(value);
    if (size === 0) return "0 s";
    if (size < 0.9995) return (value * 1000).toFixed(size < 0.00995 ? 1 : 0) + " ms";
    if (size < 59.95) return value.toFixed(1) + " s";
    const whole = Math.round(size);
    return (value < 0 ? "−" : "") + Math.floor(whole / 60) + " min " + String(whole % 60).padStart(2, "0") + " s";
  }

  const percent = (part, whole) => (whole ? (100 * part) / whole : null);
  const shown = (value) => (value === null ? "no data" : (value > 0 && value < 10 ? value.toFixed(1) : value.toFixed(0)) + " %");

  /* Steps hold to the next bucket; the last one needs a closing point. */
  function steps(pick) {
    const points = data.buckets.map((bucket) => [bucket.start, pick(bucket)]);
    if (points.length) points.push([data.buckets[data.buckets.length - 1].start + data.width, points[points.length - 1][1]]);
    return points;
  }

  const sides = (width) => (width < PHONE ? { left: 40, right: 8 } : { left: width < 820 ? 224 : 248, right: 14 });

  function layout(width, paper) {
    const phone = width < PHONE;
    const lane = phone ? 38 : paper ? 20 : 26;
    const flags = flagRows(width);
    const place = { phone, lane, flags, ...sides(width) };
    const strip = phone ? 110 : paper ? 84 : 128;
    let top = flags.rows * 18 + 6;
    place.strips = data.buckets.length ? [
      { key: "rates", title: "Requests", top: (top += phone ? 20 : 0), height: strip },
      { key: "latency", title: "Latency", top: (top += strip + (phone ? 40 : 26)), height: strip },
    ] : [];
    if (place.strips.length) top += strip + (phone ? 14 : 24);
    place.lanesTop = top;
    place.lanesHeight = Math.max(1, data.lanes.length) * lane;
    place.total = top + place.lanesHeight + 28;
    return place;
  }

  /* Of two flags that would overlap the earlier goes one row up, so that no leader crosses a text. Near the
     right edge the text grows to the left. */
  function flagRows(width) {
    const { left, right } = sides(width);
    const scale = (width - left - right) / (data.end - data.start);
    const taken = [];
    const flags = [...data.flags].sort((a, b) => b.at - a.at).map((flag) => {
      const size = flag.text.length * 7 + 16;
      const x = left + (flag.at - data.start) * scale;
      const flip = x + size > width;
      const from = flip ? x - size : x, to = flip ? x : x + size;
      let row = taken.findIndex((start) => to < start);
      if (row < 0) row = taken.length;
      taken[row] = from;
      return { ...flag, row, flip };
    });
    return { flags, rows: taken.length };
  }

  function marks(colors) {
    return {
      markArea: { silent: true, itemStyle: { color: colors.shade }, data: data.shades.map((s) => [{ xAxis: s.start }, { xAxis: s.end }]) },
      markLine: { silent: true, symbol: "none", animation: false, label: { show: false },
        lineStyle: { color: colors.quiet, type: [3, 3], width: 1 }, data: data.flags.map((flag) => ({ xAxis: flag.at })) },
    };
  }

  function xAxis(index, colors, last) {
    return {
      type: "value", gridIndex: index, min: data.start, max: data.end, boundaryGap: false,
      axisLine: { show: last, lineStyle: { color: colors.line } }, axisTick: { show: last, lineStyle: { color: colors.line } },
      axisLabel: { show: last, color: colors.quiet, fontSize: 11, hideOverlap: true, showMinLabel: false, showMaxLabel: false, formatter: (v) => v + " s" },
      splitLine: { show: false }, axisPointer: { show: true, label: { show: false }, lineStyle: { color: colors.ink, width: 1, type: "solid" } },
    };
  }

  function strip(place, index, colors) {
    const axis = { gridIndex: index, axisLine: { show: false }, axisTick: { show: false }, splitLine: { lineStyle: { color: colors.grid } }, minorTick: { show: false } };
    const label = { color: colors.quiet, fontSize: 11 };
    if (place.strips[index].key === "rates") {
      return { ...axis, type: "value", min: 0, max: 100, interval: 50, axisLabel: { ...label, formatter: "{value} %" }, axisPointer: { show: false } };
    }
    const slowest = Math.max(...data.buckets.map((bucket) => bucket.p95 || 0), 0.1);
    return { ...axis, type: "log", min: MIN_LATENCY, max: Math.pow(10, Math.ceil(Math.log10(slowest * 1.01))),
      axisLabel: { ...label, formatter: (v) => (v < 1 ? Math.round(v * 1000) + " ms" : v + " s") }, axisPointer: { show: false } };
  }

  function lines(colors, phone) {
    const line = { type: "line", step: "end", symbol: "none", animation: false, connectNulls: false, silent: true, emphasis: { disabled: true } };
    const area = (name, color, pick, decal) => ({ ...line, name, stack: "rates", xAxisIndex: 0, yAxisIndex: 0, data: steps(pick), color,
      lineStyle: { width: 0 }, areaStyle: { color, opacity: decal ? 0.55 : 0.9 }, itemStyle: decal ? { decal: { ...HATCH, color: colors.card } } : {} });
    const curve = (name, color, pick, width) => ({ ...line, name, xAxisIndex: 1, yAxisIndex: 1, data: steps(pick), color, lineStyle: { width, color } });
    const floor = (value) => (value === null ? null : Math.max(value, MIN_LATENCY));
    return [
      { ...area("failed", colors.error, (b) => percent(b.errors, b.requests)), ...marks(colors) },
      area("degraded", colors.degraded, (b) => percent(b.degraded, b.requests), true),
      { ...curve("p95", colors.p95, (b) => floor(b.p95), phone ? 1.3 : 1.6), ...marks(colors) },
      curve("p50", colors.p50, (b) => floor(b.p50), phone ? 1 : 1.3),
    ];
  }

  const LOOKS = {
    fault: (c) => ({ fill: c.fault, text: c.on }),
    bad: (c) => ({ fill: c.error, text: c.on }),
    alarm: (c) => ({ fill: c.alarm, text: c["on-alarm"] }),
    pending: (c) => ({ fill: c.card, stroke: c.alarm, hatch: c.alarm, text: c.ink }),
    shield: (c) => ({ fill: c.degraded, text: c.on }),
    trial: (c) => ({ fill: c.card, stroke: c.degraded, hatch: c.degraded, text: c.ink }),
    warn: (c) => ({ fill: c["unknown-soft"], stroke: c.unknown, text: c.ink }),
    good: (c) => ({ fill: c["good-soft"], text: c.good }),
    quiet: (c) => ({ fill: c.faint, text: c.quiet }),
    unknown: (c) => ({ fill: c.card, stroke: c.quiet, text: c.quiet }),
  };

  function laneSeries(place, index, colors) {
    const spans = data.lanes.flatMap((lane, row) => lane.spans.map((span) => ({ value: [span.start, row, span.end], span })));
    return {
      type: "custom", xAxisIndex: index, yAxisIndex: index, data: spans, clip: true, animation: false, silent: true, encode: { x: [0, 2], y: 1 },
      renderItem(params, api) {
        const { span } = spans[params.dataIndex];
        const frame = params.coordSys;
        const from = Math.max(api.coord([span.start, api.value(1)])[0], frame.x);
        const to = Math.min(api.coord([span.end, api.value(1)])[0], frame.x + frame.width);
        if (to < frame.x || from > frame.x + frame.width) return null;
        const height = Math.min(16, place.lane - 6);
        const y = api.coord([0, api.value(1)])[1] - height / 2 + (place.phone ? 8 : 0);
        const look = (LOOKS[span.tone] || LOOKS.unknown)(colors);
        const width = Math.max(to - from, 2);
        const bar = { type: "rect", shape: { x: from, y, width, height, r: 2 }, style: { fill: look.fill, stroke: look.stroke, lineWidth: look.stroke ? 1 : 0 } };
        if (look.hatch) bar.style.decal = { ...HATCH, color: look.hatch };
        const children = [bar];
        const fits = width > span.state.length * 6.2 + 8;
        if (fits && !look.hatch) children.push({ type: "text", style: { text: span.state.replace(/_/g, "-"), x: from + 6, y: y + height / 2, fill: look.text, fontSize: 11, verticalAlign: "middle" } });
        return { type: "group", children };
      },
      ...marks(colors),
    };
  }

  function laneAxis(place, index, colors) {
    const most = place.phone ? 42 : Math.floor((place.left - 76) / 6.6);
    const short = (text) => (text.length > most ? text.slice(0, most - 1) + "…" : text).replace(/[{}|]/g, " ");
    const label = (row) => (data.lanes[row] ? "{g|" + data.lanes[row].group + "}{n|" + short(data.lanes[row].name) + "}" : "");
    return {
      type: "category", gridIndex: index, inverse: true, data: data.lanes.map((_, row) => String(row)), axisLine: { show: false }, axisTick: { show: false },
      splitLine: { show: true, interval: 0, lineStyle: { color: colors.grid } }, axisPointer: { show: false }, z: 10,
      axisLabel: { interval: 0, formatter: (row) => label(Number(row)), inside: place.phone,
        align: "left", margin: place.phone ? 0 : place.left - 8, padding: place.phone ? [0, 0, 18, 0] : 0,
        rich: { g: { color: colors.quiet, fontSize: 11.5, width: 66 }, n: { color: colors.ink, fontSize: 12 } } },
    };
  }

  /* Titles and keys of the strips stand in the left column, or above the strip on a phone. */
  function titles(place, colors) {
    const keys = {
      rates: [["failed", colors.error, false], ["degraded", colors.degraded, true]],
      latency: [["p95", colors.p95, false], ["p50", colors.p50, false]],
    };
    return place.strips.flatMap((item) => {
      const x = place.phone ? 2 : 8, y = place.phone ? item.top - 18 : item.top + 2;
      const made = [{ type: "text", silent: true, x, y, style: { text: item.title, fill: colors.ink, font: "600 12px system-ui, sans-serif" } }];
      keys[item.key].forEach(([text, color, hatch], k) => {
        const kx = place.phone ? 74 + k * 76 : x, ky = place.phone ? y : y + 22 + k * 19;
        const flat = item.key === "latency" ? { y: ky + 5, height: 3 - k } : { y: ky, height: 11 };
        made.push({ type: "rect", silent: true, shape: { x: kx, width: 14, ...flat }, style: { fill: color, opacity: hatch ? 0.55 : 0.95 } });
        if (hatch) [0, 6].forEach((dx) => made.push({ type: "line", silent: true, z: 1,
          shape: { x1: kx + dx, y1: ky + 9, x2: kx + dx + 7, y2: ky + 2 }, style: { stroke: colors.card, lineWidth: 1.5 } }));
        made.push({ type: "text", silent: true, x: kx + 20, y: ky, style: { text, fill: colors.quiet, font: "12px system-ui, sans-serif" } });
      });
      return made;
    });
  }

  function flagGraphics(place, width, colors) {
    const scale = (width - place.left - place.right) / (data.end - data.start);
    const base = place.flags.rows * 18 + 4;
    return place.flags.flags.flatMap((flag) => {
      const x = place.left + (flag.at - data.start) * scale, y = base - 18 * (flag.row + 1);
      return [
        { type: "line", silent: true, shape: { x1: x, y1: y + 2, x2: x, y2: place.phone ? y + 16 : base + 4 }, style: { stroke: colors.quiet, lineWidth: 1 } },
        { type: "text", silent: true, x: flag.flip ? x - 5 : x + 5, y: y + 2, style: { text: flag.text, fill: colors.ink, align: flag.flip ? "right" : "left", font: "600 11.5px system-ui, sans-serif" } },
      ];
    });
  }

  function tip(at) {
    const root = document.createElement("div");
    root.className = "tip";
    const add = (name, value, heading) => {
      const row = root.appendChild(document.createElement(heading ? "b" : "div"));
      row.className = heading ? "" : "row";
      [name, value].filter((text) => text).forEach((text) => { row.appendChild(document.createElement("span")).textContent = text + (heading ? " " : ""); });
    };
    const since = data.broken === null ? "" : "· fault " + (at < data.broken ? "" : "+") + seconds(at - data.broken);
    add(at.toFixed(1) + " s", since, true);
    const bucket = data.buckets.find((b) => b.start <= at && at < b.start + data.width);
    if (bucket && bucket.requests) {
      add("failed", shown(percent(bucket.errors, bucket.requests)) + ` (${bucket.errors} of ${bucket.requests})`);
      add("degraded", shown(percent(bucket.degraded, bucket.requests)));
      add("p50, p95", seconds(bucket.p50) + ", " + seconds(bucket.p95));
    } else if (data.buckets.length) add("requests", "no data");
    data.lanes.forEach((lane) => {
      const span = lane.spans.find((s) => s.start <= at && at < s.end);
      if (span) add(lane.group + (lane.group === "run" ? "" : " " + lane.name), span.state);
    });
    return root;
  }

  function option(place, width, colors) {
    const lanesAt = place.strips.length;
    const side = { left: place.left, right: place.right };
    const grids = place.strips.map((item) => ({ ...side, top: item.top, height: item.height }));
    grids.push({ ...side, top: place.lanesTop, height: place.lanesHeight });
    return {
      animation: false, textStyle: { fontFamily: "system-ui, sans-serif" }, backgroundColor: "transparent",
      grid: grids, xAxis: grids.map((_, k) => xAxis(k, colors, k === lanesAt)),
      yAxis: [...place.strips.map((_, k) => strip(place, k, colors)), laneAxis(place, lanesAt, colors)],
      axisPointer: { link: [{ xAxisIndex: "all" }], snap: false },
      tooltip: { trigger: "axis", confine: true, backgroundColor: colors.card, borderColor: colors.line, textStyle: { color: colors.ink }, transitionDuration: 0,
        padding: [8, 12], formatter: (items) => tip((Array.isArray(items) ? items[0] : items).axisValue) },
      graphic: { elements: [...titles(place, colors), ...flagGraphics(place, width, colors)] },
      series: [...(place.strips.length ? lines(colors, place.phone) : []), laneSeries(place, lanesAt, colors)],
    };
  }

  function draw(forced) {
    const width = forced || box.clientWidth;
    const place = layout(width, Boolean(forced));
    box.style.height = place.total + "px";
    if (!chart) chart = echarts.init(box, null, { renderer: "svg" });
    chart.resize({ width, height: place.total });
    chart.setOption(option(place, width, theme()), { notMerge: true });
  }

  draw();
  let waiting = 0;
  addEventListener("resize", () => { cancelAnimationFrame(waiting); waiting = requestAnimationFrame(() => draw()); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw());
  const paper = matchMedia("print");
  paper.addEventListener("change", (event) => draw(event.matches ? 700 : undefined));
  addEventListener("beforeprint", () => {
    document.querySelectorAll("details:not([open])").forEach((item) => { item.open = true; item.dataset.printed = "1"; });
    draw(700);
  });
  addEventListener("afterprint", () => {
    document.querySelectorAll("details[data-printed]").forEach((item) => { item.open = false; delete item.dataset.printed; });
    draw();
  });
})();
