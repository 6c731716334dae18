"""A web server over TLS on the port that the file `port` names, with `cert.pem` and `key.pem` of this folder. Each path is served in its own way,
right or wrong; /.well-known/mta-sts.txt is the file `policy` of this folder, if there is one."""

import os
import socketserver
import ssl
import time

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("cert.pem", "key.pem")

HEAD = b"HTTP/1.1 %s\r\nConnection: close\r\n"
OK = HEAD % b"200 OK" + b"Content-Type: text/plain\r\n"


def sized(body, head=OK):
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


RESPONSES = {
    "/right": sized(b"version: STSv1\n"),
    "/charset": sized(b"x", HEAD % b"200 OK" + b"Content-Type: Text/Plain; charset=utf-8\r\n"),
    "/redirect": HEAD % b"301 Moved Permanently" + b"Location: https://mta-sts.example.com/right\r\nContent-Length: 0\r\n\r\n",
    "/nowhere": HEAD % b"302 Found" + b"Content-Length: 0\r\n\r\n",
    "/gone": sized(b"no", HEAD % b"404 Not Found" + b"Content-Type: text/plain\r\n"),
    "/broken": sized(b"no", HEAD % b"500 Internal Server Error" + b"Content-Type: text/plain\r\n"),
    "/html": sized(b"<html>", HEAD % b"200 OK" + b"Content-Type: text/html; charset=utf-8\r\n"),
    "/untyped": sized(b"x", HEAD % b"200 OK"),
    "/largest": sized(b"x" * 65536),
    "/larger": sized(b"x" * 65537),
    "/chunks": OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
    "/cut": OK + b"Content-Length: 100\r\n\r\nonly this",
    "/no-http": b"220 mail.example.com ESMTP\r\n",
    "/headers": b"HTTP/1.1 200 OK\r\n" + b"X-Long: " + b"y" * 200_000 + b"\r\n\r\n",
}


class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        try:
            with context.wrap_socket(self.request, server_side=True) as connection:
                self.answer(connection)
        except OSError:
            # The client went away, or did not like the certificate.
            pass

    def answer(self, connection):
        asked = b""
        while b"\r\n\r\n" not in asked:
            more = connection.recv(4096)
            if not more:
                return
            asked += more
        path = asked.split(b" ")[1].decode()
        if path == "/.well-known/mta-sts.txt" and os.path.exists("policy"):
            with open("policy", "rb") as policy:
                connection.sendall(sized(policy.read()))
        elif path == "/silent":
            time.sleep(60)
        elif path == "/drop-by-drop":
            connection.sendall(OK + b"Content-Length: 1000\r\n\r\n")
            for _ in range(1000):
                connection.sendall(b"x")
                time.sleep(0.1)
        elif path == "/endless":
            connection.sendall(OK + b"\r\n")
            while True:
                connection.sendall(b"x" * 4096)
        else:
            connection.sendall(RESPONSES.get(path, RESPONSES["/gone"]))
            if path in RESPONSES:
                connection.unwrap()


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


with open("port") as port:
    Server(("127.0.0.1", int(port.read())), Handler).serve_forever()
