"""The process of a job, played by a thread: fake jobs do nothing for which an interpreter has to start."""

import threading
from collections import deque
from queue import SimpleQueue

from qtpy.QtCore import QByteArray, QObject, QProcess, QTimer, Signal

from napari_hypseg._qt.jobs.job_process import Control, requested, run
from napari_hypseg._qt.jobs.serialization import decode, encode

POLL_MS = 5


class JobThread(QObject):
    """What `JobRunner` uses of a ``QProcess``, with the same messages in the same order."""

    ProcessError = QProcess.ProcessError
    readyReadStandardOutput = Signal()
    readyReadStandardError = Signal()
    finished = Signal()
    errorOccurred = Signal(object)

    def __init__(self, parent=None):
        super().__init__(parent)
        self._control = Control()
        self._sent, self._lines = SimpleQueue(), deque()
        self._thread = None
        self._poll = QTimer(self)
        self._poll.timeout.connect(self._receive)

    def setProcessEnvironment(self, environment):
        """A thread has that of the window."""

    def start(self, program, arguments):
        """Begin with the first message, which names the job."""

    def write(self, data):
        message = decode(data.decode())
        if self._thread is not None:
            self._control.obey(message)
            return
        job = requested(message, self._control)
        self._thread = threading.Thread(target=run, args=(job, self._control, self._send), daemon=True)
        self._thread.start()
        self._poll.start(POLL_MS)

    def _send(self, message):
        self._sent.put((encode(message) + "\n").encode())

    def _receive(self):
        """Take up what was sent by now; what is sent meanwhile waits for the next turn of the event loop."""
        ended = not self._thread.is_alive()
        self._lines.extend(self._sent.get() for _ in range(self._sent.qsize()))
        if self._lines:
            self.readyReadStandardOutput.emit()
        if ended:
            self._poll.stop()
            self.finished.emit()

    def canReadLine(self):
        return bool(self._lines)

    def readLine(self):
        return QByteArray(self._lines.popleft())

    def readAllStandardError(self):
        return QByteArray()

    def closeWriteChannel(self):
        self._control.obey({"command": "cancel"})

    def kill(self):
        self.closeWriteChannel()

    def waitForFinished(self, milliseconds):
        self._thread.join(milliseconds / 1000)
        return not self._thread.is_alive()
