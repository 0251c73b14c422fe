"""Servers that behave like the APIs of GitHub and GitLab, as far as a comment needs them.

What they answer is as the hosts document it, and where they do not, as they have been seen to answer.
"""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from migsafe.forge.environment import Place

OURS, THEIRS = "ghs_0urSecretT0ken", "ghs_theirSecretT0ken"
SHA = "a" * 40


@dataclass
class Answer:
    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass
class Trouble:
    """What is answered to the next requests that match.

    Attributes:
        done: Whether the host does it all the same.
    """

    matching: str
    answer: Answer
    times: int = 1
    done: bool = False


class Host:
    """What both have: accounts, comments in pages, trouble.

    Attributes:
        accounts: By token.
        readers: Tokens that may only read.
        most: Items of a page, however many a client asks for.
        before: Called before each request is answered, in the server's thread.
    """

    prefix = ""

    def __init__(self) -> None:
        self.accounts = {OURS: account(41898282, "bot"), THEIRS: account(2, "somebody")}
        self.readers: set[str] = set()
        self.comments: list[dict[str, Any]] = []
        self.locked = False
        self.most = 100
        self.troubles: list[Trouble] = []
        self.requests: list[Request] = []
        self.before: Callable[[Request], None] = lambda _: None
        self.address = ""
        self._ids = 100
        self._lock = threading.RLock()

    def answer(self, request: Request) -> Answer:
        self.before(request)
        with self._lock:
            self.requests.append(request)
            for trouble in self.troubles:
                if trouble.times and re.search(trouble.matching, str(request)):
                    trouble.times -= 1
                    if trouble.done:
                        self.route(request)
                    return trouble.answer
            return self.route(request)

    def trouble(
        self,
        matching: str,
        status: int,
        message: str,
        headers: dict[str, str] | None = None,
        *,
        times: int = 1,
        done: bool = False,
    ) -> None:
        body = message if message.startswith("<") else {"message": message}
        self.troubles.append(Trouble(matching, Answer(status, body, headers or {}), times, done))

    def route(self, request: Request) -> Answer:
        raise NotImplementedError

    def place(self, **changes: Any) -> Place:
        raise NotImplementedError

    def say(self, body: str, token: str = OURS) -> dict[str, Any]:
        """A comment that is there already."""
        with self._lock:
            self._ids += 1
            comment = self.comment(self._ids, body, self.accounts[token])
            self.comments.append(comment)
            return comment

    def comment(self, number: int, body: str, author: dict[str, Any]) -> dict[str, Any]:
        raise NotImplementedError

    @property
    def bodies(self) -> list[str]:
        return [one["body"] for one in self.comments]

    def called(self, matching: str) -> int:
        return sum(re.search(matching, str(request)) is not None for request in self.requests)

    def paged(self, request: Request, items: list[Any]) -> Answer:
        size = min(int(request.query.get("per_page", 20)), self.most)
        page = int(request.query.get("page", 1))
        shown = items[(page - 1) * size : page * size]
        headers = {"X-Page": str(page), "X-Per-Page": str(size)}
        if page * size < len(items):
            following = urlencode(request.query | {"page": str(page + 1)})
            headers["Link"] = f'<{self.address}{request.path}?{following}>; rel="next"'
        return Answer(200, shown, headers)


def account(number: int, name: str) -> dict[str, Any]:
    return {"id": number, "login": name, "username": name, "type": "User"}


class GitHub(Host):
    """An Enterprise server: its API has a prefix, and GraphQL another."""

    prefix = "/api/v3"

    def __init__(self) -> None:
        super().__init__()
        self.accounts[OURS] |= {"login": "github-actions[bot]", "type": "Bot"}
        self.pulls = {5: self.pull(5, "fork-owner:topic", SHA)}
        self.files: list[dict[str, Any]] = []
        self.checks: list[dict[str, Any]] = []
        self.no_checks = False

    def place(self, **changes: Any) -> Place:
        values: dict[str, Any] = {
            "forge": "github",
            "api": f"{self.address}{self.prefix}",
            "repository": "shop/backend",
            "number": 5,
            "variable": "GITHUB_TOKEN",
            "token": OURS,
        }
        return Place(**(values | changes))

    def pull(self, number: int, label: str, sha: str) -> dict[str, Any]:
        owner, _, ref = label.partition(":")
        repository = "/repos/shop/backend"
        return {
            "number": number,
            "url": f"{repository}/pulls/{number}",
            "issue_url": f"{repository}/issues/{number}",
            "state": "open",
            "head": {"label": label, "sha": sha, "ref": ref, "user": account(9, owner)},
        }

    def comment(self, number: int, body: str, author: dict[str, Any]) -> dict[str, Any]:
        url = f"/repos/shop/backend/issues/comments/{number}"
        page = f"{self.address}/shop/backend/pull/5#issuecomment-{number}"
        return {"id": number, "body": body, "user": author, "url": url, "html_url": page}

    def route(self, request: Request) -> Answer:
        token = request.headers.get("authorization", " ").split()[-1]
        if token not in self.accounts:
            return Answer(401, {"message": "Bad credentials", "documentation_url": "https://docs.github.com/rest"})
        if request.path == "/api/graphql":
            return Answer(200, {"data": {"viewer": {"databaseId": self.accounts[token]["id"]}}})
        path = request.path.removeprefix(f"{self.prefix}/repos/shop/backend")
        if request.method != "GET" and (token in self.readers or (self.no_checks and "check-runs" in path)):
            return Answer(403, {"message": "Resource not accessible by integration"})
        answer = self._route(request, path, self.accounts[token]) or Answer(404, {"message": "Not Found"})
        return with_etag(self._absolute(answer), request)

    def _route(self, request: Request, path: str, author: dict[str, Any]) -> Answer | None:
        match [request.method, *path.strip("/").split("/")]:
            case ["GET", "pulls"]:
                head = request.query.get("head")
                return self.paged(request, [one for one in self.pulls.values() if head in (None, one["head"]["label"])])
            case ["GET", "pulls", number] if int(number) in self.pulls:
                return Answer(200, self.pulls[int(number)])
            case ["GET", "pulls", "5", "files"]:
                return self.paged(request, self.files)
            case ["GET", "issues", "5", "comments"]:
                return self.paged(request, self.comments)
            case ["POST", "issues", "5", "comments"]:
                return self._refused(request) or Answer(201, self._say(request, author))
            case [method, "issues", "comments", number]:
                return self._on_comment(request, method, int(number))
            case ["POST", "check-runs"]:
                return self._check(request)
            case ["PATCH", "check-runs", number]:
                return self._check(request, self.checks[int(number)])
        return None

    def _say(self, request: Request, author: dict[str, Any]) -> dict[str, Any]:
        token = next(token for token, one in self.accounts.items() if one is author)
        return self.say(request.body["body"], token)

    def _on_comment(self, request: Request, method: str, number: int) -> Answer | None:
        """Who may write may edit anybody's comment."""
        comment = next((one for one in self.comments if one["id"] == number), None)
        if comment is None:
            return None
        if method == "DELETE":
            self.comments.remove(comment)
            return Answer(204)
        if method == "PATCH":
            if refused := self._refused(request):
                return refused
            comment["body"] = request.body["body"]
        return Answer(200, comment)

    def _refused(self, request: Request) -> Answer | None:
        if self.locked:
            return Answer(403, {"message": "Unable to create comment because issue is locked."})
        if len(request.body["body"]) > 65536:
            error = {"resource": "IssueComment", "code": "unprocessable", "field": "data"}
            error["message"] = "Body is too long (maximum is 65536 characters)"
            return Answer(422, {"message": "Validation Failed", "errors": [error]})
        return None

    def _check(self, request: Request, check: dict[str, Any] | None = None) -> Answer:
        sent = request.body["output"]["annotations"]
        if len(sent) > 50 or not {"title", "summary"} <= request.body["output"].keys():
            return Answer(422, {"message": "Invalid request. No more than 50 items are allowed."})
        if check is None:
            number = len(self.checks)
            check = request.body | {"id": number, "url": f"/repos/shop/backend/check-runs/{number}", "annotations": []}
            self.checks.append(check)
        check["annotations"] += sent
        return Answer(201, {name: value for name, value in check.items() if name in ("id", "url", "name")})

    def _absolute(self, answer: Answer) -> Answer:
        """GitHub's objects have addresses."""
        base = f"{self.address}{self.prefix}/repos/"
        text = json.dumps(answer.body).replace('"/repos/', f'"{base}')
        return Answer(answer.status, json.loads(text), answer.headers)


class GitLab(Host):
    """A self-hosted server, below a path."""

    prefix = "/gitlab"

    def __init__(self) -> None:
        super().__init__()
        self.jobs: set[str] = set()

    def place(self, **changes: Any) -> Place:
        values: dict[str, Any] = {
            "forge": "gitlab",
            "api": f"{self.address}{self.prefix}",
            "repository": "shop/backend",
            "number": 5,
            "variable": "GITLAB_TOKEN",
            "token": OURS,
        }
        return Place(**(values | changes))

    def comment(self, number: int, body: str, author: dict[str, Any]) -> dict[str, Any]:
        return {"id": number, "body": body, "author": author, "system": False}

    def route(self, request: Request) -> Answer:
        token = request.headers.get("private-token", "")
        path = request.path.removeprefix(f"{self.prefix}/api/v4")
        if request.headers.get("job-token") in self.jobs and path == "/job":
            return Answer(200, {"id": 77, "user": self.accounts[OURS]})
        if token not in self.accounts:
            return Answer(401, {"message": "401 Unauthorized"})
        if request.method != "GET" and (token in self.readers or (self.locked and request.method == "POST")):
            return Answer(403, {"message": "403 Forbidden"})
        answer = self._route(request, path, self.accounts[token]) or Answer(404, {"message": "404 Not found"})
        return with_etag(answer, request)

    def _route(self, request: Request, path: str, author: dict[str, Any]) -> Answer | None:
        if path == "/user":
            return Answer(200, author)
        request_path = "/projects/shop%2Fbackend/merge_requests/5"
        if not path.startswith(request_path):
            return None
        match [request.method, *path.removeprefix(request_path).strip("/").split("/")]:
            case ["GET", ""]:
                url = f"{self.address}{self.prefix}/shop/backend/-/merge_requests/5"
                return Answer(200, {"iid": 5, "web_url": url, "discussion_locked": self.locked or None})
            case ["GET", "notes"]:
                ascending = request.query.get("sort") == "asc"
                return self.paged(request, self.comments if ascending else self.comments[::-1])
            case ["POST", "notes"]:
                if len(request.body["body"]) > 1_000_000:
                    return Answer(400, {"message": 'Note {:note=>["is too long (maximum is 1000000 characters)"]}'})
                token = next(token for token, one in self.accounts.items() if one is author)
                return Answer(201, self.say(request.body["body"], token))
            case [method, "notes", number]:
                note = next((one for one in self.comments if one["id"] == int(number)), None)
                if note is None:
                    return Answer(404, {"message": "404 Note Not Found"})
                if note["author"] is not author:
                    return Answer(403, {"message": "403 Forbidden"})
                if method == "DELETE":
                    self.comments.remove(note)
                    return Answer(204)
                note["body"] = request.body["body"]
                return Answer(200, note)
        return None


def with_etag(answer: Answer, request: Request) -> Answer:
    tag = f'W/"{sha256(json.dumps(answer.body).encode()).hexdigest()}"'
    if request.method == "GET" and answer.status == 200 and request.headers.get("if-none-match") == tag:
        return Answer(304, headers={"ETag": tag})
    return Answer(answer.status, answer.body, answer.headers | {"ETag": tag})


@contextmanager
def serving(host: Host) -> Iterator[Host]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            sent = self.rfile.read(length)
            url = urlsplit(self.path)
            query = {name: values[-1] for name, values in parse_qs(url.query).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = json.loads(sent) if sent else None
            answer = host.answer(Request(self.command, url.path, query, headers, body))
            is_page = isinstance(answer.body, str)
            text = answer.body if is_page else json.dumps(answer.body)
            content = b"" if answer.body is None else text.encode()
            self.send_response(answer.status)
            self.send_header("Content-Type", "text/html" if is_page else "application/json")
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.status not in (204, 304):
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            self.wfile.flush()

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = answer  # noqa: N815, http.server's names

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    host.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield host
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
