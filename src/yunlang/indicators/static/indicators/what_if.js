// Sliders beside the numbers they move: shown only where this script runs, without a name of their own in the form.
"use strict";

(() => {
  document.querySelectorAll("input[type=range][data-number]").forEach((slider) => {
    const number = document.getElementById(slider.dataset.number);
    slider.hidden = false;
    slider.addEventListener("input", () => {
      // The published share may have decimals that the slider has not: coming back to it is no change.
      const own = number.dataset.own;
      number.value = Math.round(Number(own)) === Number(slider.value) ? own : slider.value;
    });
    number.addEventListener("input", () => { slider.value = number.value; });
  });
})();
