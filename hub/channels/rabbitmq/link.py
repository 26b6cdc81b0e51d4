"""A connection to the broker that one thread owns; everybody else asks that thread."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock, Thread
from typing import Any

from pika import SelectConnection, URLParameters
from pika.exceptions import AMQPError

Channel = Any  # pika carries no types
Answer = Callable[[Any], None]
_OPEN_SECONDS = 30.0
_ANSWER_SECONDS = 75.0  # a queue without a leader answers after 60 s, with an error
_CLOSE_SECONDS = 5.0
_HEARTBEAT_SECONDS = 20
_BLOCKED_SECONDS = 30.0


class Refused(ConnectionError):
    """The broker closed an AMQP channel; `code` is its reply code, e.g. 404 or 406."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"the broker answered {code}: {text}")
        self.code = code


class Link:
    """One AMQP connection and its I/O thread, to be used from every other thread.

    Never opened twice: after a ConnectionError the owner opens another.
    A channel that the broker closes ends the link, so that nothing half-open is left.

    Raises: ConnectionError when the broker cannot be reached or does not let us in.
    """

    def __init__(self, url: str, name: str) -> None:
        # What pika would log is raised to the caller, with the same words.
        logging.getLogger("pika").setLevel(logging.CRITICAL)
        self._lock = Lock()
        self._waiting: set[Future[Any]] = set()
        self._broken: ConnectionError | None = None
        self._watchers: list[Callable[[], None]] = []
        opened = self._expect()
        self._connection = SelectConnection(
            _parameters(url, name),
            on_open_callback=lambda _: _settle(opened, None),
            on_open_error_callback=lambda _, error: self._lost(error),
            on_close_callback=lambda _, error: self._lost(error),
        )
        self._thread = Thread(target=self._run, name=f"rabbitmq {name}", daemon=True)
        self._thread.start()
        self._wait(opened, _OPEN_SECONDS)
        self.server: dict[str, Any] = self._connection.server_properties

    @property
    def is_open(self) -> bool:
        return self._broken is None

    def check(self) -> None:
        """Raises: ConnectionError when the link is broken."""
        if self._broken is not None:
            raise self._broken

    def watch(self, lost: Callable[[], None]) -> None:
        """Call `lost` once, from the I/O thread, when the link breaks."""
        with self._lock:
            if self._broken is None:
                self._watchers.append(lost)
                return
        lost()

    def post(self, action: Callable[[], object]) -> None:
        """Run `action` in the I/O thread, without waiting for it.  Raises: ConnectionError."""
        with self._lock:
            self.check()
            self._connection.ioloop.add_callback_threadsafe(lambda: self._guarded(action))

    def ask(
        self, start: Callable[[Answer], object], seconds: float | None = _ANSWER_SECONDS
    ) -> Any:
        """Run `start` in the I/O thread and wait until it, or a later event, gives the answer.

        Raises: ConnectionError when the link breaks first or no answer comes in `seconds`.
        """
        answer = self._expect()
        try:
            self.post(lambda: start(lambda value: _settle(answer, value)))
        except ConnectionError:
            self._waiting.discard(answer)
            raise
        return self._wait(answer, seconds)

    def channel(self) -> Channel:
        """A new AMQP channel; touch it only in what `ask` and `post` run."""

        def start(answer: Answer) -> None:
            channel = self._connection.channel(on_open_callback=answer)
            channel.add_on_close_callback(lambda _, reason: self._end(reason))

        return self.ask(start)

    def attempt(self, start: Callable[[Channel, Answer], object]) -> Any:
        """As `ask`, on a channel for this alone; the link outlives a refusal.

        Raises: Refused, or ConnectionError.
        """

        def opened(channel: Channel, answer: Answer) -> None:
            channel.add_on_close_callback(lambda _, reason: answer(_reason(reason)))

            def finish(value: object) -> None:
                answer(value)
                channel.close()

            start(channel, finish)

        result = self.ask(
            lambda answer: self._connection.channel(
                on_open_callback=lambda channel: self._guarded(lambda: opened(channel, answer))
            )
        )
        if isinstance(result, ConnectionError):
            raise result
        return result

    def close(self) -> None:
        """Close; what was published and not confirmed counts as not sent."""
        ioloop = self._connection.ioloop
        closed = ConnectionError("the connection was closed here")
        ioloop.add_callback_threadsafe(lambda: self._guarded(lambda: self._end(closed)))
        self._thread.join(_CLOSE_SECONDS)
        if self._thread.is_alive():  # the broker does not answer any more
            ioloop.add_callback_threadsafe(ioloop.stop)
            self._thread.join()

    # -- in the I/O thread

    def _run(self) -> None:
        try:
            self._connection.ioloop.start()
        finally:
            self._lost(ConnectionError("the I/O thread ended"))
            self._connection.ioloop.close()

    def _guarded(self, action: Callable[[], object]) -> None:
        try:
            action()
        except (AMQPError, OSError, ValueError) as error:
            self._end(error)

    def _end(self, reason: BaseException) -> None:
        if not self._connection.is_closing and not self._connection.is_closed:
            self._break(_reason(reason))
            self._connection.close()

    def _lost(self, error: BaseException) -> None:
        self._break(_reason(error))
        self._connection.ioloop.stop()

    def _break(self, error: ConnectionError) -> None:
        with self._lock:
            if self._broken is not None:
                return
            self._broken = error
            waiting, watchers = list(self._waiting), self._watchers
        for future in waiting:
            if not future.done():
                future.set_exception(error)
        for lost in watchers:
            lost()

    # -- futures

    def _expect(self) -> Future[Any]:
        future: Future[Any] = Future()
        with self._lock:
            self._waiting.add(future)
        return future

    def _wait(self, future: Future[Any], seconds: float | None) -> Any:
        try:
            return future.result(seconds)
        except TimeoutError:
            self.close()
            raise ConnectionError(f"no answer from the broker in {seconds:.0f} s") from None
        finally:
            with self._lock:
                self._waiting.discard(future)


def _settle(future: Future[Any], value: object) -> None:
    if not future.done():
        future.set_result(value)


def _reason(error: BaseException) -> ConnectionError:
    if isinstance(error, ConnectionError):
        return error
    code, text = getattr(error, "reply_code", None), getattr(error, "reply_text", None)
    if code is not None:
        return Refused(int(code), str(text))
    return ConnectionError(f"no connection to the broker: {str(error) or repr(error)}")


def _parameters(url: str, name: str) -> URLParameters:
    parameters = URLParameters(url)
    if parameters.heartbeat is None:
        parameters.heartbeat = _HEARTBEAT_SECONDS
    if parameters.blocked_connection_timeout is None:
        # Without it a publisher waits for ever while the broker is short of disk.
        parameters.blocked_connection_timeout = _BLOCKED_SECONDS
    parameters.client_properties = {"connection_name": f"gridbus {name}"}
    return parameters
