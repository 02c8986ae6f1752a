"""What a call takes, one after the other, on one server or on several in turn: medians in milliseconds.

    pip install grpcio grpcio-reflection grpcio-status
    PYTHONPATH=tests/python python benches/call_times.py one/development-credentials.toml other/development-credentials.toml

Each server is named by the file of its development credentials, and is a new one: the calls make tickets. In turn, so that
what else the machine does falls on all of them alike.
"""

import argparse
import statistics
import time
import tomllib
import uuid

from first_ticket import Hotline

KIND = {"category": "TICKET_CATEGORY_APPEAL", "complexity": "TICKET_COMPLEXITY_GENERAL"}
TEXTS = {"subject": "用电报装迟迟未受理", "content": "两周前提交的用电报装申请没有答复。"}
# The first calls make plans and fill caches.
WARM = 0.1


class Desk:
    """An agent and a dispatcher of one server, and how long their calls took."""

    def __init__(self, path):
        with open(path, "rb") as file:
            told = tomllib.load(file)
        tokens = {held["principal"]: held["token"] for held in told["credential"]}
        self.agent = Hotline(told["endpoint"], tokens["dev-agent"])
        self.dispatcher = Hotline(told["endpoint"], tokens["dev-dispatcher"])
        self.times = {}

    def call(self, who, method, **fields):
        begun = time.perf_counter()
        answer = who.call("TicketService", method, **fields)
        self.times.setdefault(method, []).append((time.perf_counter() - begun) * 1000)
        return answer

    def round(self):
        created = self.call(
            self.agent, "CreateTicket", request_id=str(uuid.uuid4()), channel="CHANNEL_WEB", **KIND, **TEXTS
        )
        number = created.ticket.number
        self.call(self.agent, "ListTickets", page_size=1)
        self.call(self.agent, "GetTicket", ticket_number=number)
        changed = KIND | {"complexity": "TICKET_COMPLEXITY_COMPLEX"}
        self.call(self.dispatcher, "ClassifyTicket", request_id=str(uuid.uuid4()), ticket_number=number, **changed)


def main():
    parser = argparse.ArgumentParser(description="What a call takes, in milliseconds.")
    parser.add_argument("credentials", nargs="+", help="a server's development-credentials.toml")
    parser.add_argument("--rounds", type=int, default=500)
    options = parser.parse_args()
    desks = [Desk(path) for path in options.credentials]
    for number in range(options.rounds):
        for desk in desks if number % 2 else reversed(desks):
            desk.round()
    for method in desks[0].times:
        medians = [statistics.median(desk.times[method][int(options.rounds * WARM) :]) for desk in desks]
        print(f"{method:16}", *(f"{median:8.2f}" for median in medians))


if __name__ == "__main__":
    main()
