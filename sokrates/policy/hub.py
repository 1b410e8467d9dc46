"""Whether this user can get a model or a dataset from the hub; the answer takes seconds.

The hub's own library retries for about a minute before it reports that there is no network. Not covered: the
download itself (transformers and datasets do it).
"""

from __future__ import annotations

from typing import Literal

TIMEOUT_SECONDS = 5.0  # a hub that has not answered by then counts as out of reach


def refusal(name: str, kind: Literal["model", "dataset"], *, errors: bool = True) -> str | None:
    """Why this user cannot get a model or dataset from the hub now and what to do, or None.

    errors: whether a server error counts; the download might still work after one, or from a mirror
    """
    from huggingface_hub import constants
    from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, RepositoryNotFoundError
    from huggingface_hub.utils import build_hf_headers, get_session, hf_raise_for_status

    page = f"{constants.ENDPOINT}/{'datasets/' if kind == 'dataset' else ''}{name}"
    elsewhere = "download it on another machine and give its folder or file"
    if constants.HF_HUB_OFFLINE:
        return f"HF_HUB_OFFLINE is set: unset it, or {elsewhere}"
    url = f"{constants.ENDPOINT}/api/{kind}s/{name}/auth-check"
    try:
        hf_raise_for_status(get_session().get(url, headers=build_hf_headers(), timeout=TIMEOUT_SECONDS))
    except GatedRepoError:
        return f"it is gated: accept its terms on {page}, then `hf auth login`"
    except RepositoryNotFoundError:
        return f"not found, or no access: check the name, or `hf auth login` ({page})"
    except HfHubHTTPError as error:
        if not errors:
            return None
        return f"{constants.ENDPOINT} answers with an error ({error.response.status_code}): try again later"
    except Exception as error:  # no route, no DNS, no certificate, a proxy: each library raises its own kind
        return f"{constants.ENDPOINT} cannot be reached ({error}): connect, or {elsewhere}"
    return None
