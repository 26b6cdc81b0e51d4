"""Answers that took long, for who turns their pages or looks at their drawing."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from threading import Lock

from hub.report import Report

_SECONDS = 120.0
_MOST = 8

Question = tuple[str, str, frozenset[tuple[str, str]]]
"""App, report, and what was asked."""


def question(app: str, name: str, asked: Mapping[str, str]) -> Question:
    """What an answer is known by."""
    return app, name, frozenset(asked.items())


class Kept:
    """The newest answers, each for two minutes; `Report.at` says how old one is."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._answers: OrderedDict[Question, tuple[float, Report]] = OrderedDict()

    def get(self, asked: Question) -> Report | None:
        """The answer to the same question, if it is not too old."""
        with self._lock:
            since, answer = self._answers.get(asked, (float("-inf"), None))
            return answer if self._clock() - since < _SECONDS else None

    def put(self, asked: Question, answer: Report) -> None:
        with self._lock:
            self._answers.pop(asked, None)
            self._answers[asked] = self._clock(), answer
            while len(self._answers) > _MOST:
                self._answers.popitem(last=False)
