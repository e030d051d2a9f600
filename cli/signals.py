"""Being told to stop: SIGTERM from schedulers, SIGHUP from a terminal that closes, SIGINT from Ctrl-C.

Handlers are set while a command works, and put back after it. A handler raises where the main thread is, so that
everything unwinds. It waits while a query or a kernel runs, and unwinding waits for threads at work; a second thread,
which the system wakes at once, gives them a moment, then undoes what is in the making and ends the process.
"""

import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

import typer

from whalecurve.cli.console import json_line

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
GRACE = 2.0  # seconds
SHOW_CURSOR = "\x1b[?25h"  # a progress bar hides it


class Stopped(BaseException):
    """Raised in the main thread by a signal. No `Exception`: nothing but this module may take it for a failure."""


class Stop:
    """Whether the process was told to stop, and by which signal."""

    def __init__(self, *, as_json: bool = False) -> None:
        self.number: int | None = None
        self._as_json = as_json
        self._is_said = False

    def handle(self, number: int, frame: FrameType | None) -> None:
        """Raise once; what comes while everything unwinds changes nothing."""
        if self.number is None:
            self.number = number
            raise Stopped

    def say(self) -> None:
        """One line on stderr, once."""
        if not self._is_said:
            self._is_said = True
            name = signal.Signals(self.number or signal.SIGINT).name
            words = f"stopped by {name} before the end; unfinished files are removed"
            status = {"kind": "stopped", "exit_status": self.exit_code}
            line = json_line("error", words, **status) if self._as_json else f"error: {words}"
            with suppress(OSError):
                typer.echo(line, err=True)

    @property
    def exit_code(self) -> int:
        """The code that shells give to a process that a signal ended."""
        return 128 + (self.number or signal.SIGINT)

    def end(self) -> None:
        """End the process, whatever its other threads are at."""
        from whalecurve.engine.unfinished import undo_all

        undo_all()
        if sys.stderr.isatty():
            sys.stderr.write(SHOW_CURSOR)
        self.say()
        with suppress(OSError, ValueError):
            sys.stderr.flush()
        os._exit(self.exit_code)


@contextmanager
def stoppable(*, as_json: bool = False) -> Iterator[None]:
    """End the block, cleaned up, when the process is told to stop: one line on stderr, and exit status 128 + signal.

    Signals that were ignored before, as under nohup, still are.
    """
    stop = Stop(as_json=as_json)
    try:
        with _handlers(stop):
            yield
    except BaseException as error:  # a query in a callback of which it was raised makes an error of its own of it
        if stop.number is None and not isinstance(error, KeyboardInterrupt):
            raise
        stop.say()
        raise typer.Exit(stop.exit_code) from error


@contextmanager
def _handlers(stop: Stop) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    ears, mouth = socket.socketpair()
    mouth.setblocking(False)
    before = {number: signal.getsignal(number) for number in SIGNALS}
    taken = [number for number, handler in before.items() if handler not in (signal.SIG_IGN, None)]
    woken = signal.set_wakeup_fd(mouth.fileno(), warn_on_full_buffer=False)
    threading.Thread(target=_watch, args=(ears, stop), daemon=True, name="stop").start()
    for number in taken:
        signal.signal(number, stop.handle)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, before[number])
        signal.set_wakeup_fd(woken)
        mouth.close()


def _watch(ears: socket.socket, stop: Stop) -> None:
    """Wait for a signal that stops, then for the process to end of itself; end it if it does not."""
    with ears:
        while heard := ears.recv(1):
            if heard[0] in SIGNALS:
                threading.Event().wait(GRACE)
                if stop.number is None:
                    stop.number = heard[0]
                stop.end()
