"use strict";
/* Draws every .past-chart from #past-data: score and recovery of earlier runs, this one last, the median dashed. */
(function () {
  const source = document.getElementById("past-data");
  if (!source) return;
  const trends = JSON.parse(source.textContent);
  const NARROW = 560, HEIGHT = 132, SIGNS = { PASS: "circle", FAIL: "rect", INCONCLUSIVE: "triangle", ABORTED: "diamond" };

  function theme() {
    const style = getComputedStyle(document.documentElement);
    const names = ["card", "line", "ink", "quiet", "good", "bad", "unknown", "grid"];
    return Object.fromEntries(names.map((name) => [name, style.getPropertyValue("--" + name).trim()]));
  }

  const COLOR = { PASS: "good", FAIL: "bad", INCONCLUSIVE: "unknown", ABORTED: "quiet" };
  const seconds = (value) => (value < 0.9995 ? (value * 1000).toFixed(0) + " ms" : value < 59.95 ? value.toFixed(1) + " s" :
    Math.floor(Math.round(value) / 60) + " min" + (Math.round(value) % 60 ? " " + String(Math.round(value) % 60).padStart(2, "0") + " s" : ""));
  const STRIPS = [
    { key: "score", title: "Score", median: "median_score", show: (value) => (Math.floor(value * 10) / 10).toString() },
    { key: "recovery", title: "Recovery", median: "median_recovery", show: seconds },
  ];

  /* An unknown point leaves a gap, because a line through it would invent a run. */
  function series(trend, strip, index, colors) {
    const median = trend[strip.median];
    const points = trend.points.map((point) => ({
      value: point[strip.key], symbol: SIGNS[point.outcome], symbolSize: point.this ? 12 : 7,
      itemStyle: { color: point.certifiable ? colors[COLOR[point.outcome]] : colors.card, borderColor: colors[COLOR[point.outcome]], borderWidth: 1.5 },
    }));
    const line = { silent: true, symbol: "none", animation: false, data: [{ yAxis: median }],
      label: { show: true, position: "insideStartTop", color: colors.quiet, fontSize: 11, formatter: "median " + (median === null ? "" : strip.show(median)) },
      lineStyle: { type: [4, 4], color: colors.quiet, width: 1 } };
    return { type: "line", name: strip.title, xAxisIndex: index, yAxisIndex: index, data: points, connectNulls: false, animation: false,
      lineStyle: { color: colors.quiet, width: 1.3 }, emphasis: { disabled: true }, ...(median === null ? {} : { markLine: line }) };
  }

  function tip(trend, index, place) {
    const point = trend.points[index];
    const root = document.createElement("div");
    root.className = "tip";
    const add = (tag, name, value) => {
      const row = root.appendChild(document.createElement(tag));
      row.className = tag === "b" ? "" : "row";
      [name, value].filter((text) => text).forEach((text) => { row.appendChild(document.createElement("span")).textContent = text; });
    };
    add("b", point.began + (point.this ? " (this run)" : ""));
    add("div", "run", point.run_id);
    add("div", "outcome", point.outcome);
    STRIPS.forEach((strip) => add("div", strip.title.toLowerCase(), point[strip.key] === null ? "no data" : strip.show(point[strip.key])));
    if (!point.certifiable) add("div", "score", "not certifiable");
    return root;
  }

  function option(trend, width, colors) {
    const narrow = width < NARROW, half = narrow ? width : Math.floor(width / 2);
    const grids = STRIPS.map((_, k) => ({ left: 56 + (narrow ? 0 : k * half), width: half - 76, top: 26 + (narrow ? k * HEIGHT : 0), height: HEIGHT - 58 }));
    const axis = { axisLine: { lineStyle: { color: colors.line } }, axisTick: { show: false } };
    const label = { color: colors.quiet, fontSize: 11 };
    const top = (key) => Math.max(...trend.points.map((point) => point[key] || 0), 0.001);
    return {
      animation: false, textStyle: { fontFamily: "system-ui, sans-serif" }, backgroundColor: "transparent", grid: grids,
      title: STRIPS.map((strip, k) => ({ text: strip.title, left: grids[k].left - 48, top: grids[k].top - 26, padding: 0, textStyle: { color: colors.ink, fontSize: 12, fontWeight: 600 } })),
      xAxis: STRIPS.map((_, k) => ({ ...axis, type: "category", gridIndex: k, boundaryGap: true, data: trend.points.map((point) => point.began.slice(5, 16)),
        axisLabel: { ...label, hideOverlap: true }, axisPointer: { show: true, type: "line", label: { show: false }, lineStyle: { color: colors.line } } })),
      yAxis: STRIPS.map((strip, k) => ({ type: "value", gridIndex: k, min: 0, max: strip.key === "score" ? 100 : top("recovery") * 1.15, splitNumber: 2,
        interval: strip.key === "score" ? 50 : undefined, splitLine: { lineStyle: { color: colors.grid } },
        axisLabel: { ...label, showMaxLabel: strip.key === "score", formatter: (value) => (strip.key === "score" ? value : value === 0 ? "0" : seconds(value)) } })),
      tooltip: { trigger: "axis", confine: true, backgroundColor: colors.card, borderColor: colors.line, textStyle: { color: colors.ink }, transitionDuration: 0, padding: [8, 12],
        formatter: (items) => tip(trend, (Array.isArray(items) ? items[0] : items).dataIndex) },
      series: STRIPS.map((strip, k) => series(trend, strip, k, colors)),
    };
  }

  const drawn = [...document.querySelectorAll(".past-chart")].map((box) => ({ box, trend: trends[Number(box.dataset.trend)], chart: null }));
  function draw(forced) {
    const colors = theme();
    drawn.forEach((item) => {
      item.box.hidden = false;
      const width = forced || item.box.clientWidth;
      const height = width < NARROW ? 2 * HEIGHT : HEIGHT;
      item.box.style.height = height + "px";
      if (!item.chart) item.chart = echarts.init(item.box, null, { renderer: "svg" });
      item.chart.resize({ width, height });
      item.chart.setOption(option(item.trend, width, colors), { notMerge: true });
    });
  }

  draw();
  let waiting = 0;
  addEventListener("resize", () => { cancelAnimationFrame(waiting); waiting = requestAnimationFrame(() => draw()); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw());
  matchMedia("print").addEventListener("change", (event) => draw(event.matches ? 700 : undefined));
  addEventListener("beforeprint", () => draw(700));
  addEventListener("afterprint", () => draw());
})();
