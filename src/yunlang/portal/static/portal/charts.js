// Draws what the page's tables already say. Each .chart names the JSON script with its data.
"use strict";

(() => {
  // ECharts writes style attributes, which the content security policy refuses; the style object is allowed.
  const plain = SVGElement.prototype.setAttribute;
  SVGElement.prototype.setAttribute = function (name, value) {
    if (name === "style") this.style.cssText = value;
    else plain.call(this, name, value);
  };

  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const dark = matchMedia("(prefers-color-scheme: dark)");

  const tokens = { ink: "--ink", grey: "--grey", accent: "--accent" };
  const painted = (colour) => (tokens[colour] ? token(tokens[colour]) : colour);

  function line(one, anyChosen) {
    const colour = painted(one.colour);
    const strong = one.chosen || !anyChosen;
    return {
      name: one.name,
      type: "line",
      data: one.values,
      showSymbol: false,
      connectNulls: false,
      z: one.chosen ? 3 : 2,
      lineStyle: { color: colour, width: one.chosen ? 3.5 : 1.75, opacity: strong ? 1 : 0.75 },
      itemStyle: { color: colour },
      emphasis: { disabled: true },
      endLabel: { show: true, formatter: "{a}", color: token(one.chosen || !anyChosen ? "--ink" : "--grey"), fontSize: 13, lineHeight: 19, fontWeight: one.chosen ? 600 : 400 },
      labelLayout: { moveOverlap: "shiftY" },
    };
  }

  // Labels stand at the lines' ends: leave them the width of the longest, Chinese characters being square.
  const labelRoom = (data) => 16 + Math.max(...data.series.map((one) => one.name.length * (/[\u4e00-\u9fff]/.test(one.name) ? 14 : 8.5)));

  function options(data) {
    const grey = token("--grey");
    const anyChosen = data.series.some((one) => one.chosen);
    return {
      animation: false,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      grid: { left: 8, right: labelRoom(data), top: 28, bottom: 8, containLabel: true },
      xAxis: { type: "category", data: data.periods, boundaryGap: false, axisLine: { lineStyle: { color: token("--edge") } }, axisTick: { show: false }, axisLabel: { color: grey, fontSize: 13 } },
      yAxis: { type: "value", min: data.least ?? 0, name: data.unit, nameTextStyle: { color: grey, fontSize: 13, align: "left" }, axisLabel: { color: grey, fontSize: 13, formatter: (value) => value.toLocaleString("en") }, splitLine: { lineStyle: { color: token("--line") } } },
      tooltip: { trigger: "axis", renderMode: "richText", order: "valueDesc", backgroundColor: token("--paper"), borderColor: token("--edge"), textStyle: { color: token("--ink"), fontSize: 13 }, valueFormatter: (value) => (value == null ? "–" : value.toLocaleString("en")) },
      series: data.series.map((one) => line(one, anyChosen)),
    };
  }

  // Names stand outside the area: in lines short enough for a telephone.
  function lines(name) {
    if (/[\u4e00-\u9fff]/.test(name)) return name.replace(/(.{4})(?=..)/g, "$1\n");
    return name.split(" ").reduce((found, word) => {
      const last = found[found.length - 1];
      return last && last.length + word.length < 14 ? [...found.slice(0, -1), `${last} ${word}`] : [...found, word];
    }, []).join("\n");
  }

  // One area for whom the page is about, a dashed line for everybody; all axes on one scale.
  function radar(data, width) {
    return {
      animation: false,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      radar: {
        indicator: data.axes.map((name) => ({ name, min: data.least, max: data.most })),
        radius: width < 420 ? "44%" : "58%",
        axisName: { color: token("--ink"), fontSize: 13, lineHeight: 17, formatter: lines },
        axisLine: { lineStyle: { color: token("--line") } },
        splitLine: { lineStyle: { color: token("--line") } },
        splitArea: { show: false },
      },
      legend: { bottom: 0, itemWidth: 18, textStyle: { color: token("--ink"), fontSize: 13 } },
      series: [{
        type: "radar",
        data: data.series.map((one) => ({
          name: one.name,
          value: one.values,
          symbolSize: one.chosen ? 6 : 0,
          lineStyle: { color: painted(one.colour), width: one.chosen ? 2.5 : 1.5, type: one.chosen ? "solid" : "dashed" },
          itemStyle: { color: painted(one.colour) },
          areaStyle: { color: painted(one.colour), opacity: one.chosen ? 0.12 : 0 },
        })),
      }],
    };
  }

  // Bars side by side for each name, from zero on, each with its number.
  function bars(data, width) {
    const narrow = width < 420;
    return {
      animation: false,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      grid: { left: narrow ? 24 : 8, right: 32, top: 8, bottom: 36, containLabel: true },
      legend: { bottom: 0, itemWidth: 14, textStyle: { color: token("--ink"), fontSize: 13 } },
      xAxis: { type: "value", min: 0, minInterval: 1, axisLabel: { color: token("--grey"), fontSize: 13 }, splitLine: { lineStyle: { color: token("--line") } } },
      yAxis: { type: "category", inverse: true, data: data.names, axisTick: { show: false }, axisLine: { lineStyle: { color: token("--edge") } }, axisLabel: { color: token("--ink"), fontSize: 13, lineHeight: 17, formatter: narrow ? lines : undefined } },
      series: data.series.map((one) => ({
        name: one.name,
        type: "bar",
        data: one.values,
        barMaxWidth: 18,
        barGap: "10%",
        itemStyle: { color: painted(one.colour) },
        label: { show: true, position: "right", color: token("--ink"), fontSize: 13 },
        emphasis: { disabled: true },
      })),
    };
  }

  const kinds = { radar, bars };

  function draw(place) {
    const data = JSON.parse(document.getElementById(place.dataset.chart).textContent);
    place.hidden = false;
    if (data.kind === "bars") place.style.height = `${6 + 4.5 * data.names.length}rem`;
    const chart = echarts.init(place, null, { renderer: "svg" });
    const update = () => chart.setOption((kinds[data.kind] ?? options)(data, place.clientWidth), true);
    update();
    new ResizeObserver(() => { chart.resize(); }).observe(place);
    dark.addEventListener("change", update);
  }

  document.querySelectorAll(".chart[data-chart]").forEach(draw);
})();
