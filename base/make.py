"""Makes the embedded base model: tokenizer, drills, pre-training. Run by base/dvc.yaml (`make base`).

The model is a stock Llama configuration that transformers loads by itself. Its first weights are not
ordinary: an induction circuit is written into two heads (layer 0 attends to the previous token, layer 1
looks for an earlier occurrence of the current token and copies what followed it), because ordinary
first weights did not learn to cite in the minutes that two cores have. Training may change every weight.
Not covered: resuming; a run that is stopped starts again.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from random import Random

import torch
import yaml
from drills import drills
from tokenizer import make_tokenizer
from tqdm import tqdm
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from sokrates.data.generator import generate
from sokrates.data.gold import careful
from sokrates.logic.answer import Answer
from sokrates.proof.text import think_conclusion, write_steps

HERE = Path(__file__).parent
IGNORED = -100  # label of a token that no loss is taken on


def main() -> None:
    params = yaml.safe_load((HERE / "params.yaml").read_text())
    torch.manual_seed(params["seed"])
    tokenizer = make_tokenizer(_words(params["seed"]))
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


def _words(seed: int) -> list[str]:
    """Texts that hold every word of problems and traces; from them the tokenizer has its vocabulary only."""
    texts = []
    for ontology in ("fictional", "false", "real"):
        for problem in generate(
            3000, hops=[1, 2, 3], ontology=ontology, distractors=2, unknown_share=0.0, seed=seed
        ):
            ends = [think_conclusion(problem.state, answer, problem.say) for answer in Answer]
            texts += [problem.prompt, write_steps(careful(problem)), *ends]
    return texts


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
    """A Llama with random weights and the induction circuit written into heads 0 of layers 0 and 1.

    Residual dimension 0 is the same for every token: from it layer 0 has a query and a key whose rotary
    phases differ by one position.
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
    half = size // 2
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if name.endswith("_proj.weight"):
                weight.normal_(0, 0.1 * (0.3 if "o_proj" in name or "down_proj" in name else 1.0))
        copied = (
            size - 1
        )  # residual dimensions: 0 constant, then the token (`own`), then the token before (`past`)
        own, past = torch.arange(1, 1 + copied), torch.arange(1 + copied, 1 + 2 * copied)
        embedding = model.model.embed_tokens.weight
        embedding.normal_(0, 1)
        embedding[:, past] *= 0.3
        embedding[:, 0] = 1.0
        model.lm_head.weight.copy_(0.1 * embedding)
        model.lm_head.weight[:, 0] = 0.0
        head = torch.arange(copied)

        previous = model.model.layers[0].self_attn  # head 0: attend to the previous token, write it to `past`
        angles = shape["rope_theta"] ** (-torch.arange(half) / half)  # of one position
        sharp = torch.arange(4)  # the fast frequencies
        for projection in (previous.q_proj, previous.k_proj, previous.v_proj):
            projection.weight[:size] = 0.0
        previous.q_proj.weight[sharp, 0] = 8.0
        previous.k_proj.weight[sharp, 0] = 8.0 * torch.cos(angles[sharp])
        previous.k_proj.weight[sharp + half, 0] = 8.0 * torch.sin(angles[sharp])
        previous.v_proj.weight[head, own] = 1.0
        previous.o_proj.weight[past, head] = 1.0

        induction = model.model.layers[1].self_attn  # head 0: where `past` is the current token, copy `own`
        slow = torch.cat([torch.arange(half // 2, half), torch.arange(half + half // 2, size)])
        for projection in (induction.q_proj, induction.k_proj, induction.v_proj):
            projection.weight[:size] = 0.0
        induction.q_proj.weight[slow, own[: len(slow)]] = 3.0
        induction.k_proj.weight[slow, past[: len(slow)]] = 3.0
        induction.v_proj.weight[head, own] = 1.0
        induction.o_proj.weight[own, head] = 2.0
    return model


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


if __name__ == "__main__":
    main()
