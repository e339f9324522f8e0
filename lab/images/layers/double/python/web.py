"""An HTTP server for doubles: threads, a long queue, and no look-up of its own name, which can take many seconds."""

import socketserver
from http.server import ThreadingHTTPServer


class WebServer(ThreadingHTTPServer):
    request_queue_size = 64
    daemon_threads = True

    def server_bind(self):
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]
