"""The connections of the server, which do not keep it from stopping.

A server that stops waits until every answer that has begun is delivered. Whoever asked and does not
read could keep it waiting for as long as it is patient, be it a stream of events or a large list.
"""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_LOOK_SECONDS = 1.0
_LOOKS = 3  # so many in a row at which nothing was taken from what waits to be sent


class Connection(HttpToolsProtocol):
    """One connection; cut off where its client takes nothing any more while the server stops."""

    _taken = False

    def resume_writing(self) -> None:
        """Most of what waited has been taken, so that more can be written."""
        self._taken = True
        super().resume_writing()

    def shutdown(self) -> None:
        """The server stops: finish the answer that has begun, and look whether it is taken."""
        super().shutdown()
        self._look(_LOOKS, 0)

    def _look(self, looks_left: int, waited: int) -> None:
        """waited: the bytes that waited to be sent at the look before."""
        if self not in self.connections:
            return  # it has ended
        waiting = self.transport.get_write_buffer_size()
        if waiting == 0 or waiting < waited or self._taken:
            looks_left = _LOOKS
        elif looks_left == 1:
            self._cut()
            return
        self._taken = False
        self.loop.call_later(_LOOK_SECONDS, self._look, looks_left - 1, waiting)

    def _cut(self) -> None:
        if self.cycle is not None:
            self.cycle.disconnected = True  # before its answer goes on, which it does at once
        self.transport.abort()
