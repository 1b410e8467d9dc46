"""The embedded base model: its tokenizer, its first weights, and their training on the drills.

The model is a stock Llama configuration that transformers loads by itself. Its first weights are not
ordinary: two circuits are written into heads 0 and 1 of layers 0 and 1 (`first_model`). One copies what followed
an earlier occurrence of the current token, the other finds the number beside the words just written: ordinary
first weights did not learn to cite in the minutes that two cores have. Training may change every weight.
Not covered: resuming; a run that is stopped starts again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from random import Random
from typing import Any

import torch
import yaml
from drills import drills, problems_of_other_kinds
from tokenizer import make_tokenizer
from tqdm import tqdm
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from sokrates.data.generator import FALSE_FIELDS, generate
from sokrates.data.gold import careful
from sokrates.logic.answer import Answer
from sokrates.logic.english_words import singular
from sokrates.proof.text import think_conclusion, write_steps

HERE = Path(__file__).parent
# Words that no bag of words holds.
GRAMMAR = frozenset("every each is are a an not es s and so to the premises reasoning thought".split())
IGNORED = -100  # label of a token that no loss is taken on


def main() -> None:
    params = yaml.safe_load((HERE / "params.yaml").read_text())
    torch.manual_seed(params["seed"])
    tokenizer = make_tokenizer(_texts(params["seed"]), _phrases())
    rows = list(_encode(tokenizer, params))
    model = first_model(params["model"], tokenizer)
    loss = train(model, rows, params["training"], params["seed"])
    model.save_pretrained(HERE / "model")
    tokenizer.save_pretrained(HERE / "model")
    size = sum(file.stat().st_size for file in (HERE / "model").iterdir())
    figures = {
        "parameters": model.num_parameters(),
        "vocabulary": len(tokenizer),
        "bytes": size,
        "loss": loss,
    }
    (HERE / "metrics.json").write_text(json.dumps(figures, indent=2) + "\n")


def _phrases() -> set[str]:
    """The untrue ontologies' concepts of more than one word."""
    return {word for field in FALSE_FIELDS for word in field if " " in word}


def _texts(seed: int) -> Iterator[str]:
    """Texts that hold every word of problems and traces; from them the tokenizer has its vocabulary only."""
    chains = (
        generate(3000, hops=[1, 2, 3], ontologies=[ontology], distractors=2, unknown_share=0.0, seed=seed)
        for ontology in ("fictional", "untrue", "real")
    )
    for problem in chain(*chains, problems_of_other_kinds(3000, seed)):
        yield from (problem.prompt, write_steps(careful(problem)))
        yield from (think_conclusion(problem.state, answer, problem.say) for answer in Answer)


def _encode(tokenizer: PreTrainedTokenizerFast, params: dict) -> list[tuple[list[int], int]]:
    """Token ids of each drill and the length of its prompt, on which no loss is taken."""
    rows = []
    count = params["drills"]["count"]
    for prompt, completion in tqdm(drills(count, params["seed"]), total=count, desc="drills", mininterval=5):
        start = tokenizer(prompt)["input_ids"]
        ids = start + tokenizer(completion)["input_ids"] + [tokenizer.eos_token_id]
        if len(ids) <= params["drills"]["max_tokens"]:
            rows.append((ids, len(start)))
    return rows


def first_model(shape: dict, tokenizer: PreTrainedTokenizerFast) -> LlamaForCausalLM:
    """A Llama with random weights and two circuits written into heads 0 and 1 of layers 0 and 1.

    The residual stream has a dimension that is the same for every token, from which layer 0 has queries and keys
    whose rotary phases depend on the distance alone; `own`, the token; `past`, the token before; `bag`, the words
    of the last few tokens; `is_word`; and `is_index`, 1 for a number and -1 for the bracket that opens a citation.
    """
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=shape["hidden_size"],
        num_hidden_layers=shape["layers"],
        num_attention_heads=shape["heads"],
        num_key_value_heads=shape["heads"],
        intermediate_size=shape["intermediate_size"],
        max_position_embeddings=1024,
        rope_parameters={"rope_type": "default", "rope_theta": shape["rope_theta"]},
        tie_word_embeddings=False,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
        bos_token_id=None,
    )
    model = LlamaForCausalLM(config)
    size = shape["hidden_size"] // shape["heads"]
    half, copied = size // 2, size - 1
    own, past, bag = (torch.arange(1 + part * copied, 1 + (part + 1) * copied) for part in range(3))
    is_word, is_index = 1 + 3 * copied, 2 + 3 * copied
    head = torch.arange(copied)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if name.endswith("_proj.weight"):
                weight.normal_(0, 0.1 * (0.3 if "o_proj" in name or "down_proj" in name else 1.0))
        embedding = model.model.embed_tokens.weight
        embedding.normal_(0, 1)
        embedding[:, past] *= 0.3
        embedding[:, bag] = 0.0
        embedding[:, [is_word, is_index]] = 0.0
        embedding[:, 0] = 1.0
        for number, word in enumerate(tokenizer.batch_decode([[i] for i in range(len(tokenizer))])):
            embedding[number, is_word] = float(
                word.replace(" ", "").isalpha() and word.strip().lower() not in GRAMMAR
            )
            embedding[number, is_index] = float(word.isdecimal()) - float(word == " [")
        for forms in _forms_of_a_word(tokenizer):  # `Wumpus` and `wumpus` are found by each other
            embedding[forms[1:, None], own] = embedding[forms[0], own]
        model.lm_head.weight.copy_(0.1 * embedding)
        model.lm_head.weight[:, [0, is_word, is_index]] = 0.0
        angles = shape["rope_theta"] ** (-torch.arange(half) / half)  # of one position

        def attend(layer: int, number: int, read: torch.Tensor, write: torch.Tensor, gain: float) -> Any:
            """A head that copies the dimensions `read` to `write`, and looks at nothing yet."""
            attention, rows = model.model.layers[layer].self_attn, slice(number * size, (number + 1) * size)
            for projection in (attention.q_proj, attention.k_proj, attention.v_proj):
                projection.weight[rows] = 0.0
            attention.o_proj.weight[:, rows] = 0.0
            attention.v_proj.weight[number * size + head, read] = 1.0
            attention.o_proj.weight[write, number * size + head] = gain
            return attention.q_proj.weight[rows], attention.k_proj.weight[rows]

        def look_back(query: Any, key: Any, distance: int, waves: torch.Tensor, gain: float) -> None:
            query[waves, 0] = gain
            key[waves, 0] = gain * torch.cos(distance * angles[waves])
            key[waves + half, 0] = gain * torch.sin(distance * angles[waves])

        query, key = attend(0, 0, own, past, 1.0)  # the token before
        look_back(query, key, 1, torch.arange(7), 6.0)
        query, key = attend(0, 1, own, bag, 2.0)  # the words of the last five tokens or so
        look_back(query, key, 3, torch.arange(1, 7), 1.75)
        query[half - 1, 0], key[half - 1, is_word] = 4.0, 4.0
        slow = torch.cat([torch.arange(half // 2, half), torch.arange(half + half // 2, size)])
        query, key = attend(1, 0, own, own, 2.0)  # what followed the current token
        query[slow, own[: len(slow)]] = 3.0
        key[slow, past[: len(slow)]] = 3.0
        query, key = attend(1, 1, own, own, 2.0)  # after an opening bracket, the number beside the same words
        query[slow[1:], bag[1 : len(slow)]] = 2.5
        key[slow[1:], bag[1 : len(slow)]] = 2.5
        query[slow[0], is_index], key[slow[0], is_index] = -14.0, 14.0
    return model


def _forms_of_a_word(tokenizer: PreTrainedTokenizerFast) -> list[torch.Tensor]:
    """The ids of the tokens that differ in capitals, a space before them or a regular plural alone."""
    forms: dict[str, list[int]] = {}
    for token, number in tokenizer.get_vocab().items():
        word = tokenizer.convert_tokens_to_string([token]).strip()
        if word.replace("-", "").replace(" ", "").isalpha():
            forms.setdefault(singular(word.lower()), []).append(number)
    return [torch.tensor(sorted(numbers)) for numbers in forms.values() if len(numbers) > 1]


def train(model: LlamaForCausalLM, rows: list[tuple[list[int], int]], settings: dict, seed: int) -> float:
    """AdamW on the completions; texts in order of difficulty for the first pass, then at random.

    Returns the mean loss of the last 200 steps.
    """
    steps = settings["minutes"] * settings["steps_per_minute"]
    random, size = Random(seed), settings["batch_size"]
    optimiser = torch.optim.AdamW(
        model.parameters(), lr=settings["learning_rate"], betas=(0.9, 0.98), weight_decay=0.01
    )
    decay_from = round(steps * (1 - settings["decay_share"]))

    def rate(step: int) -> float:
        fall = 1.0 if step < decay_from else (steps - step) / (steps - decay_from)
        return min(1.0, (step + 1) / settings["warmup_steps"]) * fall

    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, rate)
    losses: list[float] = []
    model.train()
    batches = _batches(rows, size, steps, random)
    bar = tqdm(batches, total=steps, desc="pre-training", mininterval=5)
    started = time.monotonic()
    for step, batch in enumerate(bar):
        length = max(len(ids) for ids, _ in batch)
        inputs = torch.zeros(len(batch), length, dtype=torch.long)
        labels = torch.full((len(batch), length), IGNORED)
        for row, (ids, prompt) in enumerate(batch):
            inputs[row, : len(ids)] = torch.tensor(ids)
            labels[row, prompt : len(ids)] = inputs[row, prompt : len(ids)]
        hidden = model.model(input_ids=inputs).last_hidden_state[:, :-1]
        wanted = labels[:, 1:]
        kept = wanted != IGNORED
        loss = torch.nn.functional.cross_entropy(model.lm_head(hidden[kept]), wanted[kept])
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()
        losses.append(loss.item())
        if step % 250 == 249:
            mean = sum(losses[-250:]) / 250
            bar.write(f"step {step + 1} loss {mean:.4f} {(step + 1) / (time.monotonic() - started):.1f} steps/s")
    return sum(losses[-200:]) / min(200, len(losses))


def _batches(rows: list, size: int, steps: int, random: Random) -> list[list]:
    """Batches of like lengths. The first pass reads the rows from easy to hard, with a quarter from before."""
    batches: list[list] = []
    window = size * 16
    position = 0
    while len(batches) < steps:
        if position + window <= len(rows):
            fresh = rows[position : position + window]
            earlier = random.sample(rows[: position + window], window // 4)
            pool = random.sample(fresh, window - len(earlier)) + earlier
            position += window
        else:
            pool = random.sample(rows[len(rows) // 2 :], window)
        pool = sorted(pool, key=lambda row: len(row[0]))
        made = [pool[start : start + size] for start in range(0, window, size)]
        random.shuffle(made)
        batches.extend(made)
    return batches[:steps]
