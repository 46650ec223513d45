"""Exit code 0 when GET argv[2] on port argv[1] answers 200. A bare socket is ten times cheaper."""

import socket
import sys

with socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=2) as link:
    link.sendall(f"GET {sys.argv[2]} HTTP/1.0\r\n\r\n".encode())
    answer = link.recv(64)
sys.exit(0 if answer.split(b" ")[1:2] == [b"200"] else 1)
