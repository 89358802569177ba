"""Hostile texts in every text field: refused in a sentence, or carried unharmed."""

import pytest

from .. import hostile
from ..specimens import MODELS, specimens

RUNS_IN_BROWSER = ("<script", "onerror", "javascript:")


@pytest.fixture(scope="module")
def records(infra):
    return specimens(infra)


def writable_models(api):
    """Return the models of Clouder with a text field that the administrator may write."""
    models = api(
        "ir.model", "search_read", [("model", "=like", "clouder.%")], ["model"]
    )
    return {
        line["model"]
        for line in models
        if api(line["model"], "has_access", [], "write")
        and hostile.text_fields(api, line["model"])
    }


def test_no_model_is_forgotten(api):
    assert writable_models(api) == set(MODELS)


@pytest.mark.parametrize("model", MODELS)
def test_every_text_field(api, records, model):
    """A value is refused in one sentence, or read back as it was written."""
    record, faults = records[model], []
    for field, kind in hostile.text_fields(api, model).items():
        before = api.read(model, record, field)
        for text in hostile.CORPUS:
            faults += [
                f"{model}.{field} {text[:60]!r}: {fault}"
                for fault in trouble(api, (model, record, field, kind), text)
            ]
        hostile.write(api, model, record, {field: before})
    assert not faults, "\n".join(faults)


def trouble(api, place, text):
    """Write ``text`` and yield what is wrong with how it went."""
    model, record, field, kind = place
    try:
        hostile.write(api, model, record, {field: text})
    except hostile.Refused as refused:
        sentence = str(refused).strip()
        if "Traceback" in sentence or "\n" in sentence or len(sentence) > 500:
            yield f"refused with {sentence[:300]!r}"
    except hostile.Broken as broken:
        yield str(broken)
    else:
        [read] = hostile.json_call(api, model, "read", [record], [field])
        if kind == "html":
            yield from (word for word in RUNS_IN_BROWSER if word in read[field])
        elif read[field] != text:
            yield f"became {str(read[field])[:60]!r}"
