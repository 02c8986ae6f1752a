#!/usr/bin/env python3
"""Draws the charts of docs/performance.md from the output of `benches/compare --json`.

    benches/compare --json > /tmp/compare.txt
    benches/comparison/charts.py /tmp/compare.txt docs/charts

It reads the lines that are JSON objects and ignores all others. Each chart is an SVG file of horizontal bars. A part
that was not measured has no chart.
"""

import json
import sys
from html import escape
from pathlib import Path

WIDTH = 760
LABELS = 330
ROW = 26
BAR = 16
TOP = 58
COLOURS = {"product": "#2f6fb2", "limit": "#8a8f98"}
FONT = 'font-family="system-ui, sans-serif"'

# The bar of each ratio, and whether the ratio should be at least that.
BARS = {
    "create_pg_64_over_limit_a": ("CreateTicket PostgreSQL ÷ limit A, 64 callers", 0.8, True),
    "create_pg_256_over_limit_a": ("CreateTicket PostgreSQL ÷ limit A, 256 callers", 0.8, True),
    "create_sqlite_64_over_single": ("CreateTicket SQLite ÷ one command a commit", 4, True),
    "p99_create_pg_8_over_pgbench": ("p99 CreateTicket ÷ p99 pgbench, 8 callers", 3, False),
    "loop_pg_64_over_limit_a_sixth": ("whole loop ÷ (limit A ÷ 6), 1 unit", 0.5, True),
    "loop_pg_64_300_units_over_limit_a_sixth": ("whole loop ÷ (limit A ÷ 6), 300 units", 0.5, True),
    "get_pg_over_echo": ("GetTicket PostgreSQL ÷ echo", 0.2, True),
    "get_sqlite_over_echo": ("GetTicket SQLite ÷ echo", 0.2, True),
    "lists_1m_over_10k_max": ("slowest list, long ÷ short", 1.3, False),
    "lookup_sqlite_over_pg": ("look-up, SQLite ÷ PostgreSQL time", 2, False),
}


def text(x, y, words, size=13, anchor="start", weight="normal"):
    """A line of text; `anchor` is the part of it that lies at x."""
    style = f'{FONT} font-size="{size}" text-anchor="{anchor}" font-weight="{weight}" fill="#24292f"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{escape(words)}</text>'


def chart(title, subtitle, rows):
    """An SVG of horizontal bars. A row is (label, value, printed value, kind, mark); the mark is a value or None."""
    longest = max(max(value, mark or 0) for _, value, _, _, mark in rows) or 1
    scale = (WIDTH - LABELS - 110) / longest
    height = TOP + ROW * len(rows) + 14
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" role="img">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        text(12, 24, title, 16, weight="bold"),
        text(12, 43, subtitle, 12),
    ]
    for place, (label, value, printed, kind, mark) in enumerate(rows):
        y = TOP + ROW * place
        parts.append(text(LABELS - 8, y + 13, label, 12, "end"))
        parts.append(
            f'<rect x="{LABELS}" y="{y}" width="{max(value * scale, 1):.1f}" height="{BAR}" fill="{COLOURS[kind]}"/>'
        )
        if mark is not None:
            x = LABELS + mark * scale
            parts.append(f'<path d="M{x:.1f} {y - 3}v{BAR + 6}" stroke="#c0392b" stroke-width="2"/>')
        end = LABELS + max(value, mark or 0) * scale
        parts.append(text(end + 8, y + 13, printed, 12))
    return "\n".join([*parts, "</svg>", ""])


def rates(figures, title, fits):
    """A chart of calls a second, or None if nothing fits."""
    rows = []
    for figure in figures:
        if fits(figure["what"]):
            limit = figure["what"].startswith(("limit A", "tonic"))
            latency = f', p99 {figure["p99_ms"]:.1f} ms' if figure["p99_ms"] is not None else ""
            label = f'{figure["what"]}, {figure["callers"]} callers'
            label = label.replace("limit A: pgbench, 3 inserts a transaction", "limit A (pgbench)")
            label = label.replace(" of 6 commands", "").replace(" without the caller", "")
            printed = f'{figure["per_second"]:,.0f}{latency}'
            rows.append((label, figure["per_second"], printed, "limit" if limit else "product", None))
    rows.sort(key=lambda row: -row[1])
    return chart(title, "a second, and the 99th percentile of the latency; more is better", rows) if rows else None


def bars(ratios):
    """A chart of every ratio relative to its bar, or None if there is none."""
    rows = []
    for key, (label, bar, is_at_least) in BARS.items():
        if key in ratios:
            value = ratios[key]
            # Longer is better for both directions, and 1 is the bar.
            relative = value / bar if is_at_least else bar / value
            sign = "≥" if is_at_least else "≤"
            rows.append((label, min(relative, 4), f"{value:.2f} ({sign} {bar})", "product", 1))
    return chart("Ratios and their bars", "relative to the bar (red); longer is better, cut at 4", rows) if rows else None


def lists(figures):
    """A chart of the lists, long ÷ short, or None if there are none."""
    times = {figure["what"]: figure["p50_ms"] for figure in figures if figure["what"].startswith("list: ")}
    rows = []
    for what, time in times.items():
        if what.endswith(", long"):
            name = what.removesuffix(", long")
            ratio = time / times[f"{name}, short"]
            rows.append((name.removeprefix("list: "), min(ratio, 4), f"{ratio:.2f} ({time:.1f} ms)", "product", 1.3))
    rows.sort(key=lambda row: -row[1])
    title = "ListTickets: time on a long list ÷ time on a short list"
    return chart(title, "medians, in brackets the time on the long list; the bar is 1.3, cut at 4", rows) if rows else None


def main(source, folder):
    """Writes the charts of a file into a folder."""
    figures, ratios = [], {}
    for line in Path(source).read_text(encoding="utf-8").splitlines():
        if line.startswith("{"):
            value = json.loads(line)
            figures += value.pop("figures", [])
            value.pop("notes", None)
            ratios.update(value)
    charts = {
        "ratios": bars(ratios),
        "create": rates(figures, "CreateTicket", lambda what: what.startswith(("CreateTicket", "limit A", "tonic + sqlx"))),
        "loop": rates(figures, "Whole loops of a ticket", lambda what: what.startswith("whole loops")),
        "get": rates(figures, "GetTicket", lambda what: what.startswith(("GetTicket", "tonic echo"))),
        "lists": lists(figures),
    }
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, svg in charts.items():
        if svg is not None:
            (folder / f"{name}.svg").write_text(svg, encoding="utf-8")
            print(folder / f"{name}.svg")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
