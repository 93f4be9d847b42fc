"""SQS: queue attributes as they were set.

Delegates to moto and mends what it does to attributes: it rewrites redrive policies, forgets
a queue's policy whenever another attribute is set, and says that a queue with a KMS key is
encrypted with SQS's own key.
"""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

from sandbox.services.answer import Answer

if TYPE_CHECKING:
    from sandbox.model import Document
    from sandbox.services.call import Call
    from sandbox.services.moto_server import MotoServer

_TEXTS = ("Policy", "RedrivePolicy", "RedriveAllowPolicy")
_OK = 200
_Queue = tuple[str, str]


class SqsApi:
    """Serves the attribute operations of SQS.

    Args:
        moto: Keeps queues.
    """

    def __init__(self, moto: MotoServer) -> None:
        self._moto = moto
        self._texts: dict[_Queue, dict[str, str]] = {}
        self._lock = threading.Lock()

    def create(self, call: Call) -> Answer:
        """Serve CreateQueue."""
        answer = self._moto.serve(call)
        if answer.status == _OK and call.protocol == "json":
            url = json.loads(answer.body)["QueueUrl"]
            self._remember((call.region, _path(url)), call.parameters.get("Attributes") or {})
        return answer

    def set_attributes(self, call: Call) -> Answer:
        """Serve SetQueueAttributes: the queue's policy stays unless another is given."""
        if call.protocol != "json":
            return self._moto.serve(call)
        queue = (call.region, _path(call.parameters["QueueUrl"]))
        given = call.parameters.get("Attributes") or {}
        with self._lock:
            policy = self._texts.get(queue, {}).get("Policy")
        kept = {"Policy": policy} if policy and "Policy" not in given else {}
        body = {**call.parameters, "Attributes": {**kept, **given}}
        answer = self._moto.serve(call, body=json.dumps(body).encode())
        if answer.status == _OK:
            self._remember(queue, given)
        return answer

    def get_attributes(self, call: Call) -> Answer:
        """Serve GetQueueAttributes."""
        if call.protocol != "json":
            return self._moto.serve(call)
        wanted = set(call.parameters.get("AttributeNames") or [])
        # moto does not know all names and takes them one by one.
        body = {**call.parameters, "AttributeNames": ["All"]} if wanted else call.parameters
        answer = self._moto.serve(call, body=json.dumps(body).encode())
        if answer.status != _OK or not answer.body:
            return answer
        document: Document = json.loads(answer.body)
        attributes = document.get("Attributes", {})
        with self._lock:
            texts = self._texts.get((call.region, _path(call.parameters["QueueUrl"])), {})
            attributes.update(texts)
        if attributes.get("KmsMasterKeyId"):
            attributes["SqsManagedSseEnabled"] = "false"
        shown = (
            attributes
            if "All" in wanted
            else {k: attributes[k] for k in attributes.keys() & wanted}
        )
        headers = list(answer.headers)
        return Answer(_OK, headers, json.dumps({"Attributes": shown} if shown else {}).encode())

    def delete(self, call: Call) -> Answer:
        """Serve DeleteQueue."""
        answer = self._moto.serve(call)
        if answer.status == _OK and call.protocol == "json":
            with self._lock:
                self._texts.pop((call.region, _path(call.parameters["QueueUrl"])), None)
        return answer

    def _remember(self, queue: _Queue, attributes: Document) -> None:
        with self._lock:
            texts = self._texts.setdefault(queue, {})
            for name in _TEXTS:
                if attributes.get(name):
                    texts[name] = attributes[name]
                elif name in attributes:
                    texts.pop(name, None)


def _path(queue_url: str) -> str:
    """Return ``ACCOUNT/NAME`` of a queue's URL."""
    return "/".join(queue_url.rsplit("/", 2)[-2:])
