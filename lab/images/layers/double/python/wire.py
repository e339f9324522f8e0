"""Messages between doubles: one JSON line each way over TCP, where the real ones speak gRPC.

Kept: who connects to whom, on which port, with TLS or not, and that a dead peer is an error while a silent one
is a timeout. Not kept: HTTP/2 and protobuf.
"""

import json
import socket
import socketserver
import ssl
import threading

LONGEST = 64 * 1024 * 1024  # bytes of one message


class Unavailable(Exception):
    """The other side could not be reached, or went away before it answered."""


def call(host, port, message, timeout=30.0, tls=None):
    """Sends one message and returns the reply. Seconds; raises Unavailable."""
    try:
        with socket.create_connection((host, int(port)), timeout=min(timeout, 10.0)) as plain:
            plain.settimeout(timeout)
            with tls.wrap_socket(plain, server_hostname=host) if tls else plain as connection:
                connection.sendall(json.dumps(message).encode() + b'\n')
                line = connection.makefile('rb').readline(LONGEST)
        if not line:
            raise Unavailable(f'UNAVAILABLE: {host}:{port} closed the connection')
        return json.loads(line)
    except socket.timeout as error:
        raise Unavailable(f'DEADLINE_EXCEEDED: no answer from {host}:{port}') from error
    except (OSError, ValueError) as error:
        raise Unavailable(f'UNAVAILABLE: io exception: {host}:{port}: {error}') from error


def serve(host, port, handler, tls=None):
    """Answers messages with handler(message) in threads of their own. Raises OSError when it cannot bind."""

    class Connection(socketserver.StreamRequestHandler):
        timeout = 60

        def handle(self):
            try:
                # The handshake belongs here: in the accepting thread one silent client would hold up all others.
                if tls:
                    self.connection = tls.wrap_socket(self.connection, server_side=True)
                    self.rfile = self.connection.makefile('rb')
                line = self.rfile.readline(LONGEST)
                if line.strip():
                    self.connection.sendall(json.dumps(reply_to(handler, line)).encode() + b'\n')
            except (OSError, ssl.SSLError):
                pass  # a port probe, or a client that left: nobody is there to be told

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True
        request_queue_size = 64

    server = Server((host, int(port)), Connection)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def reply_to(handler, line):
    try:
        return handler(json.loads(line))
    except ValueError as error:
        return {'code': 'INVALID_ARGUMENT', 'error': f'not a message: {error}'}
    except Exception as error:  # whatever goes wrong in a handler, its caller gets an answer, as with gRPC
        return {'code': 'INTERNAL', 'error': f'{type(error).__name__}: {error}'}
