"""The recognition engine: RapidOCR with the PP-OCR models that ship in its wheel, on ONNX Runtime.

Belongs here: finding lines of text in a picture, telling which way up they are, reading them. Does not: which parts
of a page to read, or what to do with an unsure reading. Nothing is downloaded: the models are files of the package.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from rapidocr import RapidOCR

from pipelines.read.scan.kept import answered
from pipelines.read.scan.picture import Picture

_PARAMETERS = {
    "Global.log_level": "error",
    # Documents are read in one process per core: a process that takes them all would only be in the others' way.
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    # A page is handed over at the size it is to be searched at.
    "Det.limit_type": "min",
    "Det.limit_side_len": 64,
    # The engine pads every crop of a batch to at least this width (pixels): by default that of six ideographs,
    # which makes a lone digit take five times as long as it must.
    "Rec.rec_img_shape": [3, 48, 96],
    # Lines of a batch are padded to the longest of them, and one core gains nothing from batches: with 16 lines
    # reading takes two thirds more time.
    "Rec.rec_batch_num": 2,
}
_PACKAGES = ("rapidocr", "onnxruntime")


@dataclass(frozen=True, slots=True)
class Reading:
    """A line as read: its text and the probability of its least certain character, 0 to 1 (0 where none was seen).

    `characters` are the probabilities of all its characters but spaces; empty where the engine does not tell them.
    """

    text: str
    confidence: float
    characters: tuple[float, ...] = ()


Quad = npt.NDArray[np.float32]
"""Four corners (x, y) of a line of text, from its upper left one clockwise."""


def engine_version() -> str:
    """What the engine's answers depend on beside the picture: its models, what runs them, how it is set."""
    packages = " ".join(f"{name}-{version(name)}" for name in _PACKAGES)
    settings = hashlib.sha256(json.dumps(_PARAMETERS, sort_keys=True).encode()).hexdigest()[:8]
    return f"{packages} {settings}".replace(" ", "_")


def find_lines(picture: Picture) -> list[Quad]:
    """The lines of text in an RGB picture, at the size it has."""
    (boxes,) = answered("find_lines", [picture], lambda asked: [_boxes(one) for one in asked])
    return [np.asarray(box, dtype=np.float32) for box in boxes]


def _boxes(picture: Picture) -> list[list[list[float]]]:
    boxes = getattr(_engine()(_bgr(picture), use_det=True, use_cls=False, use_rec=False), "boxes", None)
    return [] if boxes is None else [np.asarray(box, dtype=np.float32).tolist() for box in boxes]


def upside_down(lines: Sequence[Picture]) -> list[float]:
    """For each line of text, the probability that it stands on its head."""
    return answered("upside_down", lines, _turned) if lines else []


def _turned(lines: Sequence[Picture]) -> list[float]:
    _, classified = _engine().cls_and_rotate([_bgr(line) for line in lines])
    return [float(score if label == "180" else 1.0 - score) for label, score in classified.cls_res]


def read_lines(lines: Sequence[Picture]) -> list[Reading]:
    """Read pictures of one line of text each, upright and cut out with a small margin."""
    if not lines:
        return []
    return [_reading(text, sure) for text, sure in answered("read_characters", lines, _texts)]


def _reading(text: str, sure: Sequence[float]) -> Reading:
    """A line as read from its text and the probabilities of its characters, with or without those of its spaces."""
    spaced = [one for sign, one in zip(text, sure, strict=False) if not sign.isspace()]
    bare = len("".join(text.split()))
    characters = spaced if len(sure) == len(text) else sure if len(sure) == bare else ()
    return Reading(text, min(sure) if text else 0.0, tuple(characters))


def _texts(lines: Sequence[Picture]) -> list[tuple[str, list[float]]]:
    found = _engine().recognize_txt([_bgr(line) for line in lines])
    return [
        (text.strip(), [float(one) for one in words.confs])
        for text, words in zip(found.txts, found.word_results, strict=True)
    ]


@cache
def _engine() -> Any:
    cv2.setNumThreads(1)  # as the engine's own threads, and for the same reason
    engine = RapidOCR(params=_PARAMETERS)
    engine.return_word_box = True  # else only the mean over a line's characters is told
    return engine


def _bgr(picture: Picture) -> npt.NDArray[np.uint8]:
    code = cv2.COLOR_GRAY2BGR if picture.ndim == 2 else cv2.COLOR_RGB2BGR
    return np.asarray(cv2.cvtColor(picture, code), dtype=np.uint8)
