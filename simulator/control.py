"""The control endpoint: looking at the simulated printers and laying hands on them over HTTP.

GET /printers, GET /printers/<name>, POST /printers/<name>/<verb> with a JSON object of details.
"""

from simulator.http import HttpServer, Reply, Request, as_json
from simulator.printer import Refusal
from simulator.verbs import Front, UnknownVerb, act, picture


class Control:
    def __init__(self, fronts: dict[str, Front], host: str, port: int) -> None:
        self._fronts = fronts
        self.host, self.port = host, port
        self._http = HttpServer(self._answer)

    async def open(self) -> None:
        self.port = await self._http.open(self.host, self.port)

    def close(self) -> None:
        self._http.close()

    async def _answer(self, request: Request) -> Reply:
        parts = request.path.strip("/").split("/")
        if parts[0] != "printers":
            return as_json({"error": "There is only /printers"}, 404)
        if len(parts) == 1:
            return as_json([picture(front) for front in self._fronts.values()])
        front = self._fronts.get(parts[1])
        if front is None:
            return as_json({"error": f"No printer {parts[1]}"}, 404)
        if len(parts) == 3 and request.method == "POST":
            try:
                await act(front, parts[2], **await request.json())
            except UnknownVerb:
                return as_json({"error": f"No verb {parts[2]}"}, 404)
            except Refusal as refusal:
                return as_json({"error": str(refusal)}, 409)
            except (TypeError, KeyError, ValueError) as error:
                return as_json({"error": f"Unfit details: {error}"}, 400)
        return as_json(picture(front))
