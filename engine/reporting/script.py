"""What a report's page does beyond showing: a reader for curves, by pointer and by keyboard.

It reads the numbers from the table below the curve, so that there is one source of them; without scripts the page
says the same but for this.
"""

import json
import re

from whalecurve.engine.reporting.language import gettext, language

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
  const percent = @percent;
  const money = @money;
  const nearest = x => rows.reduce((best, row, i) => Math.abs(row[0] - x) < Math.abs(rows[best][0] - x) ? i : best, 0);
  const show = at => {
    const [x, share, amount] = rows[at];
    const said = @said;
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


def page_script() -> str:
    """The script, with texts and numbers of the report's language."""
    said = gettext("The top {share} of customers bring {amount}")
    parts = {
        "{share}": "percent(x)",
        "{amount}": '\n      (Number.isNaN(share) ? money(amount) : percent(share) + " (" + money(amount) + ")")',
    }
    code = " + ".join(
        parts.get(part) or json.dumps(part, ensure_ascii=False) for part in re.split(r"(\{\w+\})", said) if part
    )
    percent, money = _numbers()
    return SCRIPT.replace("@percent", percent).replace("@money", money).replace("@said", code.replace("+ \n", "+\n"))


def _numbers() -> tuple[str, str]:
    """Functions that write a share and an amount, as the notation of the page does."""
    local = language().notation.of_script
    if local is None:
        return (
            'share => (100 * share).toFixed(1) + "%"',
            'amount => amount.toLocaleString("en", {maximumFractionDigits: 0})',
        )
    locale, currency = local
    shares = {"style": "percent", "minimumFractionDigits": 1, "maximumFractionDigits": 1}
    amounts: dict[str, object] = {"minimumFractionDigits": 0, "maximumFractionDigits": 0}
    amounts |= {"style": "currency", "currency": currency} if currency else {}
    tag = json.dumps(locale)
    return (
        f"share => share.toLocaleString({tag}, {json.dumps(shares)})",
        f"amount => amount.toLocaleString({tag}, {json.dumps(amounts)})",
    )
