"""Times as templates meet them: what Go's time package gives when it is called from a template."""

import pytest

from pack.flowlang import TemplateRuntimeError, render_text

SCOPE: dict[str, object] = {
    "Event": {"CreatedAt": "2022-11-21T10:40:00.123456Z", "ReceivedAt": "2022-11-21T10:40:01.5Z"}
}
TOOK = "Event.ReceivedAt.Sub(Event.CreatedAt)"


def render(expression: str) -> str:
    """Render an expression in which C is Event.CreatedAt, R is Event.ReceivedAt and D what lies between."""
    written = expression.replace("D.", f"{TOOK}.").replace("C.", "Event.CreatedAt.")
    return render_text(f"{{{{ {written.replace('R.', 'Event.ReceivedAt.')} }}}}", SCOPE)


@pytest.mark.parametrize(
    ("expression", "printed"),
    [
        ("C.AddDate(0,1,2)", "2022-12-23 10:40:00.123456 +0000 UTC"),
        ("C.AddDate(0,14,400)", "2025-02-24 10:40:00.123456 +0000 UTC"),
        ("C.AddDate(0,-11,-400)", "2020-11-16 10:40:00.123456 +0000 UTC"),
        ("C.AddDate(0,1,2)|date:'2006-01-02'", "2022-12-23"),
        ("C.AddDate(0,1,2).Year", "2022"),
        ("C.AddDate(1000,0,0).Sub(Event.CreatedAt)", "9223372036854775807"),
        ("C.Month", "11"),
        ("C.Month.String", "November"),
        ("C.Month.String.0", "78"),
        ("C.Month + C.Weekday", "12"),
        ("C.Month == 11", "True"),
        ("C.Month == C.Weekday", "False"),
        ("C.Month|stringformat:'%s %[1]d %[1]T %[1]x'", "November 11 time.Month 4e6f76656d626572"),
        ("C.Month|stringformat:'%#v %[1]t'", "11 %!t(time.Month=11)"),
        ("C.Weekday.String|upper", "MONDAY"),
        ("C.Unix|stringformat:'%T %[1]s'", "int64 %!s(int64=1669027200)"),
        ("C.Unix + 0.5", "1669027200.500000"),
        ("C.Local", "2022-11-21 10:40:00.123456 +0000 UTC"),
        ("C.Local|date:'15:04'", "10:40"),
        ("C.Local == C.UTC", "False"),
        ("C.Equal(C.Local)", "True"),
        ("C.Local.GoString", "time.Date(2022, time.November, 21, 10, 40, 0, 123456000, time.Local)"),
        ("C.Location", "UTC"),
        ("C.Local.Location.String", "Local"),
        ("C.In(C.Location)|date:'15'", "10"),
        ("C.IsDST", "False"),
        ("C.MarshalJSON", "<[]uint8 Value>"),
        ("C.MarshalJSON|length", "29"),
        ("C.MarshalText|stringformat:'%s'", "2022-11-21T10:40:00.123456Z"),
        ("C.MarshalBinary|join:' '", "1 0 0 0 14 219 13 76 128 7 91 202 0 255 255"),
        ("C.AppendFormat(C.MarshalText,'06')|stringformat:'%s'", "2022-11-21T10:40:00.123456Z22"),
        ("C.wall", "123456000"),
        ("C.ext", "63804624000"),
        ("C.ext + 1", "63804624001"),
    ],
)
def test_a_time_has_the_methods_and_fields_of_go(expression: str, printed: str) -> None:
    assert render(expression) == printed


@pytest.mark.parametrize(
    ("expression", "printed"),
    [
        (TOOK, "1376544000"),
        ("D.String", "1.376544s"),
        ("D.Seconds", "1.376544"),
        ("D.Minutes", "0.022942"),
        ("D.Hours", "0.000382"),
        ("D.Milliseconds", "1376"),
        ("D.Microseconds", "1376544"),
        ("D.Nanoseconds", "1376544000"),
        ("C.Sub(Event.ReceivedAt).Seconds", "-1.376544"),
        ("C.Sub(Event.ReceivedAt).Milliseconds", "-1376"),
        ("C.Sub(Event.ReceivedAt).Abs.String", "1.376544s"),
        ("C.Sub(Event.CreatedAt).String", "0s"),
        ("C.AddDate(0,0,1).Sub(Event.ReceivedAt).String", "23h59m58.623456s"),
        (
            "C.AddDate(0,0,1).Sub(Event.ReceivedAt).Round(C.AddDate(0,0,1).Sub(Event.CreatedAt)).String",
            "24h0m0s",
        ),
        (
            "C.AddDate(0,0,1).Sub(Event.ReceivedAt).Truncate(C.AddDate(0,0,1).Sub(Event.CreatedAt)).String",
            "0s",
        ),
        (f"{TOOK}|stringformat:'%v %[1]d %[1]q'", '1.376544s 1376544000 "1.376544s"'),
        (f"C.Add({TOOK})", "2022-11-21 10:40:01.5 +0000 UTC"),
        (f"R.Truncate({TOOK})", "2022-11-21 10:40:00.612768 +0000 UTC"),
        (f"R.Round({TOOK})", "2022-11-21 10:40:01.989312 +0000 UTC"),
        ("R.Truncate(C.Sub(Event.ReceivedAt))", "2022-11-21 10:40:01.5 +0000 UTC"),
    ],
)
def test_what_lies_between_two_times_is_a_duration(expression: str, printed: str) -> None:
    assert render(expression) == printed


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("C.Date", "gives several values"),
        ("C.Clock()", "gives several values"),
        ("C.Zone", "gives several values"),
        ("C.ISOWeek", "gives several values"),
        ("C.Add(1)", "must be time.Duration, not int"),
        ("C.Truncate(1)", "must be time.Duration, not int"),
        ("D.Round(1)", "must be time.Duration, not int"),
        ("C.AddDate('1',0,0)", "must be int, not string"),
        ("C.AddDate(0,1)", "takes 3 arguments, not 2"),
        ("C.AddDate(8000,0,0)", "after the year 9999"),
        ("C.AppendFormat('x','y')", r"must be \[\]uint8, not string"),
        ("C.In('x')", r"must be \*time.Location, not string"),
        ("C.Format(C.Month)", "must be string, not time.Month"),
        ("randomInt(C.Unix)", "must be int, not int64"),
        ("randomInt(C.Month)", "must be int, not time.Month"),
        ("C.Unix.String", "asks a field of a int64"),
        ("C.Month.nosuch", "asks a field of a int"),
        ("C.wall|stringformat:'%d'", "printed and reckoned with only"),
        ("C.ext == Event.CreatedAt", "printed and reckoned with only"),
        ("randomInt(C.wall)", "printed and reckoned with only"),
    ],
)
def test_what_go_cannot_do_with_a_time_fails(expression: str, reason: str) -> None:
    with pytest.raises(TemplateRuntimeError, match=reason):
        render(expression)


@pytest.mark.parametrize(
    ("method", "text"),
    [
        (
            "Date",
            "'e.CreatedAt.Date' must have exactly 1 or 2 output arguments, the second argument must be of "
            "type error",
        ),
        ("Zone", "The second return value is not an error"),
    ],
)
def test_in_a_macro_a_method_of_several_values_prints_its_error(method: str, text: str) -> None:
    template = f"{{% macro m(e) %}}{{{{ e.CreatedAt.{method} }}}}{{% endmacro %}}{{{{ m(Event) }}}}"
    assert render_text(template, SCOPE).endswith(text)
