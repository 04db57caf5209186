"""The lines from daemons to servers, each through a proxy of its own that can fall silent or refuse.

Silent: nothing is forwarded, connections stay, new ones are taken and hang, as on a network that loses everything; what
was on its way arrives when the line is mended. Refused: connections are closed, new ones too.
"""

import asyncio
import struct
import threading

CHUNK = 65536
FRAME_MOST = 64 << 20
START_SECONDS = 10


class Proxies:
    """All proxies, on one thread and loop."""

    def __init__(self):
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxies", daemon=True)
        self._thread.start()

    def line(self, host, port, *, kafka=False):
        line = Line(self._loop, host, port, kafka)
        asyncio.run_coroutine_threadsafe(line.open(), self._loop).result(START_SECONDS)
        return line

    def close(self):
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(START_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(START_SECONDS)

    @staticmethod
    async def _end():
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)


class Line:
    """One daemon's way to one server. silence(), refuse() and mend() from any thread; the rest on the loop."""

    def __init__(self, loop, host, port, kafka):
        self._loop = loop
        self._target = (host, port)
        self._kafka = kafka
        self._open_way = asyncio.Event()
        self._open_way.set()
        self._refused = False
        self._streams = set()

    async def open(self):
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]

    def silence(self):
        self._loop.call_soon_threadsafe(self._open_way.clear)

    def refuse(self):
        self._loop.call_soon_threadsafe(self._refuse)

    def mend(self):
        self._loop.call_soon_threadsafe(self._mend)

    def _refuse(self):
        self._refused = True
        for stream in list(self._streams):
            stream.transport.abort()

    def _mend(self):
        self._refused = False
        self._open_way.set()

    async def _serve(self, reader, writer):
        self._streams.add(writer)
        upstream = None
        try:
            await self._open_way.wait()
            if self._refused:
                return
            from_server, upstream = await asyncio.open_connection(*self._target)
            self._streams.add(upstream)
            answers = self._forward_frames if self._kafka else self._forward
            await asyncio.gather(self._forward(reader, upstream), answers(from_server, writer))
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # one of the two has gone, or all: so does the other
        finally:
            for stream in (writer, upstream):
                if stream:
                    self._streams.discard(stream)
                    stream.transport.abort()

    async def _forward(self, source, sink):
        while data := await source.read(CHUNK):
            await self._pass_on(data, sink)
        await self._open_way.wait()
        sink.write_eof()

    async def _forward_frames(self, source, sink):
        """Kafka tells its clients where it is: they are to come through here. The answer keeps its length."""
        host, own, theirs = self._target[0].encode(), *(struct.pack(">i", port) for port in (self.port, self._target[1]))
        names = [struct.pack(">h", len(host)) + host, bytes([len(host) + 1]) + host]  # as older and newer versions write it
        while True:
            size = await source.readexactly(4)
            if not 0 <= struct.unpack(">i", size)[0] <= FRAME_MOST:
                raise ConnectionResetError("this is not Kafka's protocol")
            frame = await source.readexactly(struct.unpack(">i", size)[0])
            for name in names:
                frame = frame.replace(name + theirs, name + own)
            await self._pass_on(size + frame, sink)

    async def _pass_on(self, data, sink):
        await self._open_way.wait()
        sink.write(data)
        await sink.drain()
