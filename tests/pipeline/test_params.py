"""The schema of params.yaml: what ships loads, and what is wrong is named. Not covered: what files hold."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from sokrates.io.errors import UserError
from sokrates.pipeline.params import Params, ParamsError, load, named_sets

ROOT = Path(__file__).parents[2]
SHIPPED = [ROOT / "params.yaml", *sorted((ROOT / "profiles").glob("*.yaml"))]


@pytest.fixture
def changed(tmp_path):
    """The default file with one line (given by its key's first words) replaced by another."""

    def change(old: str, new: str) -> Path:
        text = (ROOT / "params.yaml").read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} should stand once in params.yaml"
        path = tmp_path / "params.yaml"
        path.write_text(text.replace(old, new), encoding="utf-8")
        return path

    return change


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_file_loads_and_explains_each_key(path):
    load(path)
    for line in path.read_text(encoding="utf-8").splitlines():
        if re.match(r"\s*\w+: *[^ #]", line):
            assert re.search(r"  # \S", line), f"no comment: {line}"


def test_profiles_are_there():
    assert {"smoke", "smollm2-135m", "qwen3-8b"} <= {path.stem for path in SHIPPED}


def test_qwen_by_one_name(tmp_path):
    text = (ROOT / "profiles" / "qwen3-8b.yaml").read_text(encoding="utf-8")
    for name in ("Qwen/Qwen2.5-7B-Instruct", "meta-llama/Llama-3.1-8B-Instruct"):
        assert name in text  # the comment says how
        path = tmp_path / "params.yaml"
        path.write_text(text.replace("name: Qwen/Qwen3-8B ", f"name: {name} "), encoding="utf-8")
        assert load(path).model.name == name


def test_every_field_is_described():
    def undescribed(model: type[BaseModel]) -> list[str]:
        names = []
        for name, field in model.model_fields.items():
            if not field.description:
                names.append(f"{model.__name__}.{name}")
            if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
                names += undescribed(field.annotation)
        return names

    assert undescribed(Params) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  delta: 0.1 ", "  dleta: 0.1 ", "preferences.dleta: unknown (did you mean preferences.delta?)"),
        ("  delta: 0.1 ", "  dleta: 0.1 ", "preferences.delta: missing"),
        ("seed: 7", "seed: seven", "seed: should be a valid integer, not 'seven'"),
        ("seed: 7", "seed: -1", "seed: should be greater than or equal to 0, not -1"),
        ("seed: 7", "seed: 7\nsead: 7", "sead: unknown (did you mean seed?)"),
        ("  samples: 4 ", "  samples: 2.5", "sampling.samples: should be a valid integer, not 2.5"),
        ("  samples: 4 ", "  samples: 0", "sampling.samples: should be greater than or equal to 1, not 0"),
        ("  samples: 4 ", "  samples: yes", "sampling.samples: should be a valid integer, not 'yes'"),
        ("  samples: 4 ", "  samples: true", "sampling.samples: should be a valid integer, not True"),
        ("  samples: 4 ", "  samples:", "sampling.samples: should be a valid integer, not None"),
        ("top_p: 1.0", "top_p: 1.5", "sampling.top_p: should be less than or equal to 1, not 1.5"),
        ("beta: 0.2", "beta: 0", "dpo.beta: should be greater than 0, not 0"),
        ("beta: 0.2", "beta: .nan", "dpo.beta: should be a finite number, not nan"),
        ("test_share: 0.1", "test_share: 1", "problems.test_share: should be less than 1, not 1"),
        ("careful_share: 0.45", "careful_share: 35", "problems.careful_share: should be less than"),
        (
            "ontologies: [fictional, untrue]",
            "ontologies: [fantasy]",
            "problems.ontologies.0: should be 'fictional', 'real' or",
        ),
        ("dtype: float32", "dtype: float16", "model.dtype: should be 'float32' or 'bfloat16', not 'float16'"),
        ("adapter: none", "adapter:", "model.adapter: should be 'none' or 'lora', not None"),
        ("lora_targets: [q_proj", "lora_targets: [lm_head", "model.lora_targets.0: should be a projection within"),
        ("level: trace", "level: 1", "preferences.level: should be 'trace', 'closure' or 'step', not 1"),
        ("progress: 1.0", "progress: -1", "preferences.score.progress: should be greater than or equal to 0"),
        ("progress: 1.0", "novelty: 1.0", "preferences.score.novelty: unknown"),
        ("rationales: all", "rationales: none", "sft.rationales: should be 'all' or 'careful', not 'none'"),
        ("hops: [1, 2, 3]", "hops: []", "problems.hops: "),
        ("hops: [1, 2, 3]", "hops: [1, 0]", "problems.hops.1: should be greater than or equal to 1, not 0"),
        ("hops: [1, 2, 3]", "hops: [1, 1]", "problems.hops: should not name an entry twice"),
        ("source: [generated]", "source: generated", "problems.source: should be a valid list"),
        (
            "source: [generated]",
            "source: [foo:a]",
            "problems.source.0: should be generated or NAME:PATH with NAME one of logipt, folio, prontoqa",
        ),
        ("source: [generated]", "source: [prontoqa]", "problems.source.0: should be prontoqa:PATH"),
        ("extra: []", "extra: ['x=logic_lm']", "evaluation.extra.0: should be logic_lm:PATH"),
        ("source: [generated]", "source: ['generated:a']", "problems.source.0: should be generated alone"),
        ("source: [generated]", "source: ['folio:']", "problems.source.0: should have a path after 'folio:'"),
        ("extra: []", "extra: [a=jsonl]", "evaluation.extra.0: should be jsonl:PATH"),
        ("extra: []", "extra: ['prontoqa:a.json']", "evaluation.extra.0: should be NAME=SOURCE"),
        ("extra: []", "extra: ['a/b=prontoqa:a.json']", "evaluation.extra.0: should be NAME=SOURCE"),
        ("extra: []", "extra: [a=generated]", "evaluation.extra.0: should be a file or a folder"),
        ("extra: []", "extra: [a=logipt, a=folio]", "evaluation.extra: should have names that differ"),
        ("extra: []", "extra: [held_out=folio]", "evaluation.extra: should have names that differ"),
        ("runtime: ", "runtime: 3 #", "params.yaml:"),  # its keys are now indented under a number: not YAML
    ],
)
def test_each_error_names_its_param(changed, old, new, message):
    with pytest.raises(ParamsError) as error:
        load(changed(old, new))
    assert message in str(error.value)
    assert "params.yaml" in str(error.value)


def test_a_strategy_that_the_engine_cannot_run_is_refused_before_anything_is_trained(changed):
    path = changed("  strategy: greedy", "  strategy: vote")
    load(path)
    path.write_text(path.read_text().replace("engine: shared_prompt", "engine: vllm"))
    with pytest.raises(ParamsError) as error:
        load(path)
    line = "  evaluation.strategy: vote needs sampling.engine: shared_prompt, not vllm"
    assert str(error.value).splitlines()[1:] == [line]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("micro_batch: auto", "micro_batch: 12", "runtime.micro_batch: 12 does not divide sft.batch_size: 16"),
        ("samples: 4 ", "samples: 1 ", "preferences.level: trace needs two traces of a problem"),
        ("delta: 0.1 ", "delta: 2.6 ", "preferences.delta: scores differ by 2.5 at most"),
    ],
)
def test_what_would_fail_or_do_nothing_after_hours_is_refused_at_once(changed, old, new, message):
    with pytest.raises(ParamsError) as error:
        load(changed(old, new))
    assert message in str(error.value)


def test_all_errors_at_once_one_a_line(tmp_path):
    (tmp_path / "params.yaml").write_text("seed: x\nmodel: 3\nfoo: 1\n")
    with pytest.raises(ParamsError) as error:
        load(tmp_path / "params.yaml")
    title, *lines = str(error.value).splitlines()
    assert title == f"{tmp_path}/params.yaml cannot be used:"
    assert lines[:3] == [
        "  seed: should be a valid integer, not 'x'",
        "  problems: missing",
        "  model: should be a section of params, not 3",
    ]
    assert lines[-1] == "  foo: unknown"


@pytest.mark.parametrize("text", ["", "- 1", "a: [", "a: 1\na: 2", "\0", "[" * 2000, "1: 2", "? [a]\n: 1"])
def test_what_is_no_params_file(tmp_path, text):
    (tmp_path / "params.yaml").write_text(text)
    with pytest.raises(ParamsError, match=r"params\.yaml"):
        load(tmp_path / "params.yaml")


def test_a_missing_or_binary_file(tmp_path):
    with pytest.raises(ParamsError, match="cannot be read: No such file"):
        load(tmp_path / "none.yaml")
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\xfd")
    with pytest.raises(ParamsError, match="binary"):
        load(tmp_path / "binary.yaml")
    assert issubclass(ParamsError, UserError)


@pytest.mark.parametrize(
    ("old", "new", "section", "name", "value"),
    [
        ("beta: 0.2", "beta: 1", "dpo", "beta", 1.0),  # an integer is a number
        ("learning_rate: 3.0e-4", "learning_rate: 2e-5", "dpo", "learning_rate", 2e-5),  # as DVC writes it
        ("source: [generated]", "source: [folio, 'jsonl:a:b']", "problems", "source", ["folio", "jsonl:a:b"]),
        ("extra: []", "extra: ['a-5=folio:b=c']", "evaluation", "extra", ["a-5=folio:b=c"]),
        ("lora_dropout: 0.05", "lora_dropout: 0", "model", "lora_dropout", 0),
    ],
)
def test_what_is_accepted(changed, old, new, section, name, value):
    assert getattr(getattr(load(changed(old, new)), section), name) == value


def test_a_set_has_its_name_before_the_first_equals_sign():
    assert named_sets(["a-5=folio:b=c", "d=jsonl:e"]) == {"a-5": "folio:b=c", "d": "jsonl:e"}


def test_params_are_frozen():
    with pytest.raises(ValueError, match="frozen"):
        load(ROOT / "params.yaml").dpo.beta = 0.3
