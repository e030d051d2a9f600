"""What a report's page does beyond showing: a reader for curves, by pointer and by keyboard.

It reads the numbers from the table below the curve, so that there is one source of them; without scripts the page
says the same but for this.
"""

SCRIPT = """
for (const figure of document.querySelectorAll("figure[data-cursor]")) {
  const rows = [...figure.querySelectorAll("tbody tr")]
    .map(row => [...row.cells].map(cell => cell.dataset.value ?? cell.textContent))
    .filter(cells => cells[0] === figure.dataset.cursor)
    .map(cells => cells.slice(1).map(text => text === "" ? NaN : Number(text)));
  const reader = figure.querySelector(".reader");
  const slider = reader.querySelector("input");
  const output = reader.querySelector("output");
  const group = Number.isNaN(rows[0][1]) ? 2 : 1;
  const percent = share => (100 * share).toFixed(1) + "%";
  const money = amount => amount.toLocaleString("en", {maximumFractionDigits: 0});
  const nearest = x => rows.reduce((best, row, i) => Math.abs(row[0] - x) < Math.abs(rows[best][0] - x) ? i : best, 0);
  const show = at => {
    const [x, share, amount] = rows[at];
    const said = "The top " + percent(x) + " of customers bring " +
      (Number.isNaN(share) ? money(amount) : percent(share) + " (" + money(amount) + ")");
    output.textContent = said;
    slider.setAttribute("aria-valuetext", said);
    for (const cursor of figure.querySelectorAll(".cursor")) {
      const d = Object.fromEntries(Object.entries(cursor.dataset).map(([key, text]) => [key, Number(text)]));
      const left = d.left + x * (d.right - d.left);
      const top = d.bottom - (rows[at][group] - d.low) / (d.high - d.low) * (d.bottom - d.top);
      const [line, circle] = cursor.children;
      line.setAttribute("x1", left); line.setAttribute("x2", left);
      circle.setAttribute("cx", left); circle.setAttribute("cy", top);
      cursor.setAttribute("visibility", "visible");
    }
  };
  slider.max = rows.length - 1;
  slider.value = nearest(0.2);
  slider.addEventListener("input", () => show(Number(slider.value)));
  for (const svg of figure.querySelectorAll("svg")) {
    svg.addEventListener("pointermove", event => {
      const d = svg.querySelector(".cursor").dataset;
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse()).x;
      slider.value = nearest((at - d.left) / (d.right - d.left));
      show(Number(slider.value));
    });
  }
  reader.hidden = false;
  show(Number(slider.value));
}
"""
