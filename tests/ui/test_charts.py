import pytest

from ui import plotting
from ui.charts import Chart, Series, steps


@pytest.mark.parametrize(
    ("most", "scale"),
    [
        (0, [0, 1]),
        (-3, [0, 1]),
        (1, [0, 0.25, 0.5, 0.75, 1]),
        (97, [0, 25, 50, 75, 100]),
        (3e9, [0, 1e9, 2e9, 3e9]),
    ],
)
def test_a_scale_starts_at_zero_and_has_round_steps(most: float, scale: list[float]) -> None:
    assert steps(most) == scale


def test_a_missing_point_lifts_the_pen() -> None:
    drawn = plotting.draw(Chart("T", "line", ["a", "b", "c"], [Series("Nozzle", [1, None, 3])]))

    assert drawn.count("M") == 2
    assert "L" not in drawn.split('d="')[1].split('"')[0]


def test_bars_stack_and_name_what_they_show() -> None:
    chart = Chart(
        "Prints", "bar", ["Mon"], [Series("Good", [3], "green"), Series("Failed", [1], "red")], "prints"
    )

    drawn = plotting.draw(chart)

    assert drawn.count("chart-bar") == 2
    assert "<title>Mon, Failed: 1\xa0prints</title>" in drawn


def test_labels_of_lines_do_not_lie_upon_one_another() -> None:
    apart = plotting._apart([100, 99, 20])

    assert apart == [100, 86, 20]


@pytest.mark.parametrize("kind", ["line", "bar"])
def test_a_chart_of_nothing_is_drawn_all_the_same(kind: str) -> None:
    chart = Chart("None", kind, [], [])

    assert chart.is_empty
    assert plotting.draw(chart).startswith("<svg")


def test_the_table_has_every_figure_with_its_unit() -> None:
    chart = Chart("T", "line", ["08:00", "09:00"], [Series("Nozzle", [215, None])], "°C")

    assert chart.rows == [("08:00", ["215\xa0°C"]), ("09:00", ["–"])]


def test_a_spark_of_one_point_is_no_line() -> None:
    assert "<svg" not in plotting.spark([3, None])


@pytest.mark.parametrize("kind", ["dots", "heat"])
def test_a_chart_by_rows_of_nothing_is_drawn_all_the_same(kind: str) -> None:
    assert plotting.draw(Chart("None", kind, [], [])).startswith("<svg")


def test_a_dot_lies_on_the_span_of_its_value_and_says_of_how_many() -> None:
    rate = Series("Rate", [10, None], "red", [(5, 20), None], ["1 of 10", ""])
    chart = Chart("By printer", "dots", ["Voron 1", "Voron 2"], [rate], "%")

    drawn = plotting.draw(chart)

    assert drawn.count("chart-span") == drawn.count("chart-dot") == 1
    assert "<title>Voron 1: 10\xa0% [5–20\xa0%] (1 of 10)</title>" in drawn
    assert chart.rows == [("Voron 1", ["10\xa0% [5–20\xa0%] (1 of 10)"]), ("Voron 2", ["–"])]


def test_rows_without_spans_are_bars_with_their_values_beside_them() -> None:
    drawn = plotting.draw(Chart("Cost", "dots", ["Physics"], [Series("Cost", [12.5])]))

    assert drawn.count("chart-bar") == 1
    assert ">12.5</text>" in drawn


def test_a_cell_of_a_heat_map_tells_its_value_also_without_colour() -> None:
    chart = Chart("Use", "heat", ["00", "01"], [Series("Mon", [40, None]), Series("Tue", [0, 80])], "%")

    drawn = plotting.draw(chart)

    assert drawn.count("chart-cell-text") == 3
    assert "<title>Mon 00: 40\xa0%</title>" in drawn
    assert chart.rows[1] == ("01", ["–", "80\xa0%"])


def test_names_on_charts_are_shortened_and_never_markup() -> None:
    name = "<script>" + "x" * 40

    drawn = plotting.draw(Chart("T", "dots", [name], [Series("S", [1])]))

    assert "<script>" not in drawn
    assert "…</text>" in drawn
