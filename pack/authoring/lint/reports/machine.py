"""The reports for machines: JSON, GitHub's workflow commands, SARIF."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pack import __version__
from pack.authoring.lint.findings import Finding, Rule, Severity
from pack.authoring.lint.flow_files import STDIN_NAME
from pack.authoring.lint.reports.report import Report

Json = Any

JSON_VERSION = 1
"""Changes when a key of the JSON report goes or means something else; keys may be added any time."""

_GITHUB = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def write_json(report: Report) -> str:
    """Write ``{"version", "findings", "skipped", "summary"}``.

    A finding has ``file`` (``<stdin>`` for standard input), ``line`` and ``column`` from 1 in characters,
    ``severity`` (error, warning, note), ``rule``, ``message``, ``advice`` (may be empty), and ``path``: the
    keys and indexes that lead to the value. ``skipped`` are the files in directories that seem to be no
    flows. The summary has ``files``, ``errors``, ``warnings``, ``notes``.
    """
    document = {
        "version": JSON_VERSION,
        "findings": [_json(finding) for finding in report.findings],
        "skipped": list(report.skipped),
        "summary": {
            "files": len(report.lines),
            **{f"{severity.value}s": report.count(severity) for severity in Severity},
        },
    }
    return f"{json.dumps(document, indent=2)}\n"


def write_github(report: Report) -> str:
    """Write a workflow command for each finding; GitHub shows them beside the changed lines."""
    return "".join(f"{_github(report, finding)}\n" for finding in report.findings)


def write_sarif(report: Report) -> str:
    """Write SARIF 2.1.0, with columns in characters and URIs from the root where a file is in there."""
    driver = {
        "name": "flyte-slack lint",
        "version": __version__,
        "rules": [_rule(one) for one in report.rules],
    }
    indexes = {rule.id: index for index, rule in enumerate(report.rules)}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(report, finding, indexes[finding.rule.id]) for finding in report.findings],
    }
    return f"{json.dumps({'$schema': _SARIF_SCHEMA, 'version': '2.1.0', 'runs': [run]}, indent=2)}\n"


def _json(finding: Finding) -> Json:
    return {
        "file": finding.file,
        "line": finding.line,
        "column": finding.column,
        "severity": finding.rule.severity.value,
        "rule": finding.rule.id,
        "message": finding.message,
        "advice": finding.advice,
        "path": list(finding.path),
    }


def _github(report: Report, finding: Finding) -> str:
    file = report.relative(finding.file) or finding.file
    places = {"line": finding.line, "col": finding.column, "title": finding.rule.id}
    properties = places if finding.file == STDIN_NAME else {"file": file, **places}
    written = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    return f"::{_GITHUB[finding.rule.severity]} {written}::{_data(_whole_message(finding))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _rule(rule: Rule) -> Json:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.summary},
        "defaultConfiguration": {"level": rule.severity.value},
    }


def _result(report: Report, finding: Finding, index: int) -> Json:
    return {
        "ruleId": finding.rule.id,
        "ruleIndex": index,
        "level": finding.rule.severity.value,
        "message": {"text": _whole_message(finding)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(report, finding.file)},
                    "region": {"startLine": finding.line, "startColumn": finding.column},
                }
            }
        ],
    }


def _uri(report: Report, file: str) -> str:
    if file == STDIN_NAME:
        return "stdin"
    inside = report.relative(file)
    if inside is None:
        return Path(os.path.normpath(report.root / file)).as_uri()
    # A colon in the first part would make it look like a scheme.
    return quote(os.fsencode(inside), safe="/")


def _whole_message(finding: Finding) -> str:
    return f"{finding.message}\n{finding.advice}" if finding.advice else finding.message
